"""Instructions in numbered steps (FinePhrase's tutorials, arXiv 2604.13977)."""

import re
from typing import Literal

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.markup import bare, has_word, is_rule

_STEP = re.compile(
    r"(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+)?(?:[Ss]tep|STEP)[ ]\d{1,3}[ ]?(?:[:.)–-][ \t]*|$)|\d{1,3}[.)](?:[ \t]+|$)"
)


class StepsContract(ContractBase):
    """Numbered steps ("1." or "Step 1:"); a part is a step. They are numbered anew, so that a teacher's miscounting is
    not taught; a title or an introduction before them stays, and a step that repeats an earlier one goes."""

    kind: Literal["steps"]

    def parse(self, output: str) -> Parsed:
        introduction: list[str] = []
        steps: list[list[str]] = []
        margin = len(output)
        for raw in output.splitlines():
            line = "" if is_rule(raw) else bare(raw)
            indent = len(raw) - len(raw.lstrip())
            if (mark := _STEP.match(line)) and indent <= margin:
                margin = indent
                steps.append([line[mark.end() :]])
            else:
                (steps[-1] if steps else introduction).append(line)
        different: dict[str, str] = {}
        for text in map(_joined, steps):
            if has_word(text):
                different.setdefault(text.casefold(), text)
        numbered = [f"{number}. {text}" for number, text in enumerate(different.values(), start=1)]
        text = "\n\n".join(filter(None, ["\n".join(introduction).strip(), *numbered])) if numbered else ""
        return Parsed(text=text, parts=len(numbered))


def _joined(lines: list[str]) -> str:
    """A step's lines; its heading may be empty or a line of its own."""
    return "\n".join(line for line in lines if line).strip()
