"""What the tests of publishing share."""

from collections.abc import Callable

import pytest
from small_dumps import Dump, fill

from include.lake import Lake


@pytest.fixture
def make_dump(lake: Lake) -> Callable[..., Dump]:
    """Fills the test's lake with a dump of the given fields."""
    return lambda **fields: fill(lake, Dump(**fields))
