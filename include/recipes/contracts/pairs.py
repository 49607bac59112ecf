"""Questions with their answers (WRAP, arXiv 2401.16380, 3.1; Nemotron-CC, arXiv 2412.02595, appendix on prompts)."""

import random
from typing import Literal

from include.recipes.contracts.contract import ContractBase, Parsed
from include.recipes.contracts.labelled import in_twos
from include.sections import Count

QUESTION, ANSWER = ("Question", "Q"), ("Answer", "A")


class PairsContract(ContractBase):
    """ "Question:" followed by "Answer:"; a part is a pair with at least one word in each."""

    kind: Literal["pairs"]
    most_per_150_tokens: Count | None = None
    """Publish a random choice of the pairs in random order: from one to so many for 150 tokens of the source
    (Nemotron-CC takes 10, unseeded). None publishes all."""

    @property
    def item_fields(self) -> tuple[str, ...]:
        return ("question", "answer")

    def parse(self, output: str) -> Parsed:
        items = [{"question": two.first, "answer": two.second} for two in in_twos(output, QUESTION, ANSWER)]
        return Parsed(text=_text(items), parts=len(items), items=items)

    def selected(self, parsed: Parsed, source_tokens: int, key: str) -> str:
        if self.most_per_150_tokens is None:
            return parsed.text
        chance = random.Random(key)
        most = chance.randint(1, max(1, self.most_per_150_tokens * source_tokens // 150))
        return _text(chance.sample(parsed.items, min(most, len(parsed.items))))


def _text(items: list[dict[str, str]]) -> str:
    return "\n\n".join(f"Question: {item['question']}\nAnswer: {item['answer']}" for item in items)
