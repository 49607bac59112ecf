"""Is a text worth keeping, and how good is it: signals that are stored, filters over them, a score for the router."""

from include.ingest.quality.compute import SIGNALS, signals
from include.ingest.quality.lines import clean_lines
from include.ingest.quality.orders import find_orders
from include.ingest.quality.rules import decide
from include.ingest.quality.single import Signals, judge, measure

__all__ = ["SIGNALS", "Signals", "clean_lines", "decide", "find_orders", "judge", "measure", "signals"]
