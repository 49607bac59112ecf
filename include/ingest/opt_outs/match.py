"""Which pages the rules of lists name: many at once, in time that does not grow with the number of hosts and URLs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.ingest.opt_outs.rules import Rule, normal_host, url_key

TOGETHER = 200
"""Patterns in one expression: RE2 goes through a URL once for all of them."""
_REST_OF = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*(?P<rest>[^#]*)")


@dataclass(frozen=True)
class RuleList:
    name: str
    """Stands in the detail of every page that the list keeps out."""
    rules: Sequence[Rule]


class Matcher:
    """The rules of several lists, ready to be asked. Of several that name a page, one stands in its detail."""

    def __init__(self, lists: Iterable[RuleList]) -> None:
        self._hosts: dict[str, str] = {}
        exact: dict[str, dict[str, str]] = {"url": {}, "record": {}}
        patterns: dict[str, str] = {}
        for one in lists:
            for rule in one.rules:
                into = self._hosts if rule.kind == "host" else exact.get(rule.kind, patterns)
                into.setdefault(rule.value, f"{one.name}: {rule.text}")
        self._urls, self._records = _Exact(exact["url"]), _Exact(exact["record"])
        self._patterns = [_Patterns(part) for part in _parts(list(patterns.items()))]

    @property
    def empty(self) -> bool:
        return not (self._hosts or self._urls.rules or self._records.rules or self._patterns)

    def match(self, pages: pa.Table) -> pa.Array:
        """For each page (columns doc_id, url, host) which list and rule name it: ``list: rule``, else null.

        A host rule names the host and all below it.
        """
        doc_ids, urls, hosts = (_strings(pages[name]) for name in ("doc_id", "url", "host"))
        if self.empty or not len(urls):
            return pa.nulls(len(urls), pa.string())
        found = [self._of_hosts(hosts), self._records.look_up(doc_ids)]
        if self._urls.rules:
            rest = pc.struct_field(pc.extract_regex(urls, _REST_OF.pattern), [0])
            slash = pc.if_else(pc.starts_with(pc.fill_null(rest, ""), "/"), "", "/")
            key = pc.binary_join_element_wise(self._normal(hosts), slash, rest, "")
            found.append(self._urls.look_up(key))
        for patterns in self._patterns:
            found.append(patterns.look_up(urls))
        return pc.coalesce(*found)

    def match_one(self, page: dict[str, Any]) -> str | None:
        """The same for one page, without building tables of all rules."""
        host, url = page["host"] or "", page["url"] or ""
        rest = _REST_OF.match(url)
        found = (
            self._of_host(host)
            or self._records.rules.get(page["doc_id"])
            or (self._urls.rules.get(url_key(normal_host(host), rest["rest"])) if rest else None)
        )
        for patterns in self._patterns:
            found = found or patterns.look_up(pa.array([url]))[0].as_py()
        return found

    def _of_hosts(self, hosts: pa.Array) -> pa.Array:
        """Each host is looked up once, with every domain that it belongs to."""
        coded = hosts.dictionary_encode()
        named = pa.array([self._of_host(host or "") for host in coded.dictionary.to_pylist()], pa.string())
        return named.take(coded.indices)

    def _of_host(self, host: str) -> str | None:
        domain = normal_host(host)
        while domain:
            if rule := self._hosts.get(domain):
                return rule
            domain = domain.partition(".")[2]
        return None

    def _normal(self, hosts: pa.Array) -> pa.Array:
        coded = hosts.dictionary_encode()
        return pa.array([normal_host(host or "") for host in coded.dictionary.to_pylist()], pa.string()).take(
            coded.indices
        )


class _Exact:
    """Rules by a value that is looked up whole."""

    def __init__(self, rules: dict[str, str]) -> None:
        self.rules = rules
        self._values, self._names = (pa.array(part, pa.string()) for part in (rules.keys(), rules.values()))

    def look_up(self, values: pa.Array) -> pa.Array:
        return self._names.take(pc.index_in(values, value_set=self._values))


class _Patterns:
    """Expressions that are tried together; alone only on what they match together."""

    def __init__(self, rules: list[tuple[str, str]]) -> None:
        self._rules = rules
        self._all = "|".join(f"(?:{expression})" for expression, _ in rules)

    def look_up(self, urls: pa.Array) -> pa.Array:
        hits = np.flatnonzero(pc.fill_null(pc.match_substring_regex(urls, self._all), False))
        names: list[str | None] = [None] * len(urls)
        left = urls.take(pa.array(hits))
        for expression, name in self._rules:
            if not len(hits):
                break
            matched = np.asarray(pc.match_substring_regex(left, expression))
            for row in hits[matched]:
                names[row] = name
            hits, left = hits[~matched], left.filter(pa.array(~matched))
        return pa.array(names, pa.string())


def _parts(rules: list[tuple[str, str]]) -> Iterable[list[tuple[str, str]]]:
    """As many expressions together as RE2 has memory for."""
    waiting = [rules[start : start + TOGETHER] for start in range(0, len(rules), TOGETHER)]
    while waiting:
        part = waiting.pop()
        try:
            pc.match_substring_regex(pa.array([""]), "|".join(f"(?:{expression})" for expression, _ in part))
        except pa.ArrowInvalid:
            middle = len(part) // 2  # alone, each of them was compiled when it was read
            waiting += [part[:middle], part[middle:]]
        else:
            yield part


def _strings(column: Any) -> pa.Array:
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.cast(pa.string())
