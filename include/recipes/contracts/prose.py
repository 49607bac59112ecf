"""Running text."""

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator

from include.recipes.clean import clean_output
from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.markup import has_word, plain
from include.sections import Natural

_PARAGRAPH = re.compile(r"\n[ \t]*\n")


def _survives_cleaning(label: str) -> str:
    if clean_output(f"{label}\n\nA text.") != f"{label}\n\nA text.":
        raise ValueError("the opening would be cleaned away as an announcement before it is looked for: take another")
    return label


class ProseContract(ContractBase):
    """Running text; a part is a paragraph."""

    kind: Literal["prose"]
    opening: Annotated[str, AfterValidator(_survives_cleaning)] | None = None
    """Words that the output must begin with, and which are taken off (Nemotron-CC): a teacher that refuses or talks
    about its task does not write them. At paragraphs further on they are taken off as well."""
    min_words: Natural = 1
    """Shorter texts have no part."""
    plain: bool = False
    """Take headings, emphasis, rules and marks of lists off."""

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        words = r"\s+".join(map(re.escape, str(self.opening).removesuffix(":").split()))
        return re.compile(rf"[#>*_\"\s]*{words}[*_]*[ ]?(?::[*_\"]*|\n)\s*", re.IGNORECASE)

    def parse(self, output: str) -> Parsed:
        kept, opened = [], self.opening is None
        for number, paragraph in enumerate(_PARAGRAPH.split(output)):
            text = paragraph
            if self.opening is not None and (label := self._opening.match(f"{paragraph}\n")):
                opened |= number == 0
                text = paragraph[label.end() :]
            text = plain(text) if self.plain else text.strip()
            if has_word(text):
                kept.append(text)
        text = "\n\n".join(kept)
        whole = opened and len(text.split(None, self.min_words)) >= self.min_words
        return Parsed(text=text, parts=len(kept) if whole else 0)
