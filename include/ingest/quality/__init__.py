"""Is a text worth keeping, and how good is it: signals that are stored, filters over them, a score for the router."""

from include.ingest.quality.compute import SIGNALS, signals
from include.ingest.quality.orders import find_orders
from include.ingest.quality.rules import decide

__all__ = ["SIGNALS", "decide", "find_orders", "signals"]
