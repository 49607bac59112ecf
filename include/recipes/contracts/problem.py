"""Mathematical word problems (FinePhrase, arXiv 2604.13977)."""

import re
from typing import Literal

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.labelled import in_twos

_DIGIT = re.compile(r"\d")


class ProblemContract(ContractBase):
    """ "Problem:" followed by "Solution:"; a part is a problem with its solution, and in both there is a number."""

    kind: Literal["problem"]

    def parse(self, output: str) -> Parsed:
        solved = [
            two
            for two in in_twos(output, ("Problem", "Question"), ("Solution", "Answer"))
            if _DIGIT.search(two.first) and _DIGIT.search(two.second)
        ]
        text = "\n\n".join(f"Problem: {two.first}\n\nSolution: {two.second}" for two in solved)
        return Parsed(text=text, parts=len(solved))
