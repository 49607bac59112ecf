"""What a page record becomes."""

from include.ingest.page import content_hash


def test_the_content_hash_does_not_see_case_space_and_punctuation() -> None:
    assert content_hash("The Mill,  1999!") == content_hash("the\nmill 1999")
    assert content_hash("the mill") != content_hash("themill")
    assert len(content_hash("")) == 32
