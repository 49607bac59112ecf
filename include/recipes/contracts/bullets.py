"""Lists (Nemotron-CC's knowledge list, arXiv 2412.02595)."""

from typing import Literal

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.markup import bare, bullet, has_word, is_rule


class BulletsContract(ContractBase):
    """A bulleted or numbered list; a part is an item. What stands before, between and behind the items is dropped, and
    so are their marks, as in Nemotron-CC."""

    kind: Literal["bullets"]

    def parse(self, output: str) -> Parsed:
        items: dict[str, list[str]] = {}
        last: list[str] | None = None
        for raw in output.splitlines():
            line = bare(raw)
            said = None if is_rule(raw) else bullet(line)
            if said is not None and has_word(said):
                # The lines of an item that was there before go nowhere.
                last = [said]
                items.setdefault(said.casefold(), last)
            elif last is not None and line and raw[0].isspace():
                last.append(line)
            else:
                last = None
        return Parsed(text="\n".join(" ".join(lines) for lines in items.values()), parts=len(items))
