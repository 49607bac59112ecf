"""What the tests of ingest share."""

import zlib

import pytest

from include.ingest import members


@pytest.fixture(params=["isal", "zlib"])
def either_decompressor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "zlib":
        monkeypatch.setattr(members, "decompressobj", zlib.decompressobj)
    elif members.decompressobj is zlib.decompressobj:
        pytest.skip("isal has no wheel for this machine")
