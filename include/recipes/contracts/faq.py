"""Frequently asked questions (FinePhrase, arXiv 2604.13977)."""

import re
from typing import Literal

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.labelled import Two, in_twos
from include.recipes.contracts.markup import bare, bullet, has_word, is_rule
from include.recipes.contracts.pairs import ANSWER, QUESTION

LONGEST_QUESTION = 300
"""Characters of a line that ends in a question mark and is a question by itself."""

_LABEL = re.compile(r"(?:Question|QUESTION|Answer|ANSWER|Q|A)(?:[ ]?#?\d{1,3})?[ ]?:[ ]*")


class FaqContract(ContractBase):
    """Questions, each with its answer: labelled, or a line that ends in a question mark with the answer under it.

    A part is a question with an answer. Titles and all else before the first question are dropped.
    """

    kind: Literal["faq"]

    @property
    def item_fields(self) -> tuple[str, ...]:
        return ("question", "answer")

    def parse(self, output: str) -> Parsed:
        pairs = in_twos(output, QUESTION, ANSWER) or _unlabelled(output)
        items = [{"question": pair.first, "answer": pair.second} for pair in pairs]
        text = "\n\n".join(f"{pair.first}\n{pair.second}" for pair in pairs)
        return Parsed(text=text, parts=len(items), items=items)


def _unlabelled(output: str) -> list[Two]:
    blocks: list[tuple[str, list[str]]] = []
    for raw in output.splitlines():
        line = "" if is_rule(raw) else bare(raw)
        if question := _question(line):
            blocks.append((question, []))
        elif blocks:
            blocks[-1][1].append(line)
    pairs: dict[str, Two] = {}
    for question, lines in blocks:
        answer = _without_label("\n".join(lines).strip())
        if has_word(answer):
            pairs.setdefault(question.casefold(), Two(question, answer))
    return list(pairs.values())


def _question(line: str) -> str:
    """The question that a line is, without mark and label; empty if it is none."""
    text = bullet(line)
    text = _without_label(line if text is None else text)
    return text if text.endswith("?") and len(text) <= LONGEST_QUESTION and has_word(text) else ""


def _without_label(text: str) -> str:
    label = _LABEL.match(text)
    return text[label.end() :] if label else text
