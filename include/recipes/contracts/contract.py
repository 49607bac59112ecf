"""What every contract is and gives back."""

from abc import abstractmethod
from dataclasses import dataclass, field

from include.sections import Count, Section


@dataclass(frozen=True)
class Parsed:
    """A cleaned output as its contract reads it."""

    text: str
    """What may be published, without labels, tags and plans; empty if nothing is there."""
    parts: int
    """How many of the parts that the contract asks for (paragraphs, pairs, rows, items) are there and well-formed."""
    items: list[dict[str, str]] = field(default_factory=list)
    """For steps that repeat for each item, and for sampling: the fields of every item, in order."""


class ContractBase(Section):
    """What an output must hold. Each subclass has a ``kind`` of its own, by which recipes name it."""

    min_parts: Count = 1
    """Fewer well-formed parts than that break the contract."""

    @property
    def item_fields(self) -> tuple[str, ...]:
        """Names that every item carries; none where there are no items."""
        return ()

    @abstractmethod
    def parse(self, output: str) -> Parsed:
        """Read a cleaned output. Never raises, and takes time linear in its length, whatever the output is."""

    def selected(self, parsed: Parsed, source_tokens: int, key: str) -> str:
        """The text of ``parsed`` to be published beside a source of so many tokens; ``key`` decides where chance does.

        All of it, unless a contract says otherwise.
        """
        return parsed.text
