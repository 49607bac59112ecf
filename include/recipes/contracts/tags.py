"""Texts in tags, of which the last is published (ReWire, arXiv 2506.04689)."""

import re
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.markup import has_word

Tag = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]


class TagsContract(ContractBase):
    """``<plan>...</plan><rewrite>...</rewrite>``: a part is a tag with words in it, in the order of ``tags``.

    The text of the last tag is published, the others are thrown away. A closing tag may be missing before the next
    opening one and at the very end.
    """

    kind: Literal["tags"]
    tags: Annotated[list[Tag], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.tags)) < len(self.tags):
            raise ValueError("a tag is named twice")
        return self

    @cached_property
    def _tag(self) -> re.Pattern[str]:
        return re.compile(rf"<(/?)({'|'.join(self.tags)})\s*>", re.IGNORECASE)

    def parse(self, output: str) -> Parsed:
        pieces = self._tag.split(output)  # text, slash, tag, text, slash, tag, ..., text
        said: dict[str, str] = {}
        for slash, tag, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            if not slash and has_word(text):
                said[tag.lower()] = text.strip()  # a teacher that begins again has thrown its first try away
        in_order = list(said) == [tag for tag in self.tags if tag in said]
        return Parsed(text=said.get(self.tags[-1], ""), parts=len(said) if in_order else 0)
