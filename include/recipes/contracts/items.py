"""Items that a later step repeats for (MGA's pairs of genre and audience, arXiv 2502.04235)."""

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.markup import has_word, one_line
from include.sections import Count

LONGEST_VALUE = 200
"""Characters. A value goes into a prompt: a description, not a text."""

_DECORATION = "*_#>|;,\"'`{}[]() \t-–"
Name = Annotated[str, Field(pattern=r"^[a-z]+$")]


class ItemsContract(ContractBase):
    """Items of named fields in this order, each "Name: value" on one line or several; a part is an item with a word in
    each of its fields. Values are one line of at most 200 characters. Items that repeat are dropped."""

    kind: Literal["items"]
    fields: Annotated[list[Name], Field(min_length=1)]
    most: Count = 5
    """Items beyond are dropped: each costs a generation."""

    @property
    def item_fields(self) -> tuple[str, ...]:
        return tuple(self.fields)

    @cached_property
    def _label(self) -> re.Pattern[str]:
        # Also with a number ("Genre 1:"), decorated, or as JSON has it ("genre": ...).
        names = "|".join(self.fields)
        return re.compile(rf"\b({names})\b(?:[ ]?#?\d{{1,3}})?[*_\"'`]*[ ]?:", re.IGNORECASE)

    def parse(self, output: str) -> Parsed:
        pieces = self._label.split(output)
        items: dict[tuple[str, ...], dict[str, str]] = {}
        item: dict[str, str] = {}
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
            if name.lower() == self.fields[0]:
                item = {}
            if self.fields[len(item) : len(item) + 1] != [name.lower()] or not (value := _value(text)):
                item = {}
                continue
            item[name.lower()] = value
            if len(item) == len(self.fields):
                items.setdefault(tuple(value.casefold() for value in item.values()), item)
                item = {}
        kept = list(items.values())[: self.most]
        text = "\n".join("; ".join(f"{name.capitalize()}: {value}" for name, value in item.items()) for item in kept)
        return Parsed(text=text, parts=len(kept), items=kept)


def _value(text: str) -> str:
    """What a label says: the rest of its line, or the first line with words under it."""
    for line in text.split("\n", maxsplit=3)[:3]:
        value = one_line(line[: 4 * LONGEST_VALUE]).strip(_DECORATION)
        if has_word(value):
            return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE].rsplit(" ", 1)[0]
    return ""
