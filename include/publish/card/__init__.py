"""The dataset card of a release."""

from include.publish.card.page import write_card

__all__ = ["write_card"]
