"""The arithmetic of a mix: shares, repeats, quality weights, budget. No rows, no lake."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.ingest.quality.score import BUCKETS
from include.publish.mix_params import Source, exactly
from include.publish.shares import Allotment, Stratum, allot


def stratum(source: str, tokens: int, bucket: str = "") -> Stratum:
    return Stratum(source, bucket, rows=1, tokens=tokens)


def tokens(allotment: Allotment, source: str) -> int:
    return sum(t.whole * t.stratum.tokens + t.rest for t in allotment.taken if t.stratum.source == source)


def test_the_scarcest_source_bounds_the_mix() -> None:
    sources = {"qa": Source(share=0.25), "real": Source(share=0.75)}
    allotment = allot(sources, [stratum("qa", 100), stratum("real", 10_000)], None)
    assert allotment.bounded_by == "qa"
    assert (tokens(allotment, "qa"), tokens(allotment, "real")) == (100, 300)


def test_a_scarce_source_is_repeated_up_to_its_bound() -> None:
    sources = {"qa": Source(share=0.5, max_repeats=4), "real": Source(share=0.5)}
    plenty = allot(sources, [stratum("qa", 100), stratum("real", 10_000)], None)
    assert (plenty.bounded_by, tokens(plenty, "qa"), tokens(plenty, "real")) == ("qa", 400, 400)
    enough = allot(sources, [stratum("qa", 100), stratum("real", 250)], None)
    assert enough.bounded_by == "real"
    [qa] = [taken for taken in enough.taken if taken.stratum.source == "qa"]
    assert (qa.whole, qa.rest) == (2, 50)


def test_a_budget_bounds_what_the_sources_do_not() -> None:
    sources = {"real": Source(share=0.7), "synthetic": Source(share=0.3)}
    strata = [stratum("real", 1000), stratum("synthetic", 1000)]
    small = allot(sources, strata, 100)
    assert (small.bounded_by, tokens(small, "real"), tokens(small, "synthetic")) == ("mix.tokens", 70, 30)
    assert allot(sources, strata, 5000) == allot(sources, strata, None)


def test_weights_say_how_much_more_of_one_bucket_is_taken_than_of_another() -> None:
    sources = {"real": Source(share=1, quality={"high": 3, "low": 0})}
    strata = [stratum("real", 1000, bucket) for bucket in ("high", "low", "medium")]
    taken = {t.stratum.bucket: t.whole * 1000 + t.rest for t in allot(sources, strata, 800).taken}
    assert taken == {"high": 600, "medium": 200}


def test_a_bucket_that_is_used_up_leaves_its_part_to_the_others() -> None:
    sources = {"real": Source(share=1, max_repeats=2, quality={"high": 100})}
    strata = [stratum("real", 100, "high"), stratum("real", 1000, "low"), stratum("real", 1000, "medium")]
    taken = {t.stratum.bucket: t.whole * t.stratum.tokens + t.rest for t in allot(sources, strata, 700).taken}
    assert taken == {"high": 200, "low": 250, "medium": 250}


def test_three_tenths_are_three_tenths() -> None:
    assert exactly(0.1) + exactly(0.2) == exactly(0.3) == Fraction(3, 10)


@pytest.mark.parametrize("budget", [1, 2, 7])
def test_a_tiny_budget_still_takes_something_of_each_source(budget: int) -> None:
    sources = {"real": Source(share=0.999), "synthetic": Source(share=0.001)}
    allotment = allot(sources, [stratum("real", 1000), stratum("synthetic", 1000)], budget)
    assert tokens(allotment, "real") > 0 < tokens(allotment, "synthetic")


@given(
    st.lists(st.integers(1, 5000), min_size=5, max_size=5),
    st.lists(st.sampled_from([0.5, 1.0, 2.5, 40.0]), min_size=5, max_size=5),
    st.integers(1, 5),
    st.integers(1, 40_000),
)
def test_no_share_is_missed_by_more_than_a_token_a_bucket_and_no_bound_is_broken(
    sizes: list[int], weights: list[float], repeats: int, budget: int
) -> None:
    source = Source(share=0.4, max_repeats=repeats, quality=dict(zip(BUCKETS, weights, strict=True)))
    strata = [stratum("real", size, bucket) for size, bucket in zip(sizes, BUCKETS, strict=True)]
    allotment = allot({"real": source, "qa": Source(share=0.6)}, [*strata, stratum("qa", 10_000)], budget)
    mixed = min(Fraction(budget), sum(sizes) * repeats / Fraction(2, 5), 10_000 / Fraction(3, 5))
    assert 0 <= tokens(allotment, "real") - mixed * Fraction(2, 5) < len(BUCKETS)
    for taken in allotment.taken:
        assert taken.whole * taken.stratum.tokens + taken.rest <= taken.stratum.tokens * max(repeats, 1)
