"""``python -m include.native``: build every C part now, so that no task has to."""

import logging
import sys

from include.native import build_all

logging.basicConfig(format="setup: %(message)s")
if broken := build_all():
    # Not an error: everything works without them, only slower.
    print(f"setup: without its C parts ({', '.join(broken)}) ingest is many times slower.", file=sys.stderr)
