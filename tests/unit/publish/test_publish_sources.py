"""Mixes of named sources: recipes of their own, repeats, budgets, quality."""

from collections import Counter
from collections.abc import Callable

import pytest

from include.errors import BadInput
from include.lake import Lake
from include.ledger import StageReport
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams

CRAWL = "SAMPLE-2026-01"


@pytest.fixture
def mixed(lake: Lake, make_dump: Callable) -> Callable[..., tuple[StageReport, list[dict[str, object]]]]:
    """The report and the rows of a mix of these sources over a dump of the given fields."""

    def build(
        sources: dict[str, dict[str, object]], tokens: int | None = None, **fields: object
    ) -> tuple[StageReport, list[dict[str, object]]]:
        make_dump(**fields)
        mine = {"mixes": {"mine": {"sources": sources}}, "use": "mine", "tokens": tokens}
        report = build_corpus(lake, CRAWL, MixParams.model_validate(mine))
        return report, lake.read("mix", CRAWL).to_pylist()

    return build


def test_every_recipe_has_the_share_that_its_name_got(mixed: Callable) -> None:
    shares = {"real": 0.5, "easy": 0.1, "synthetic": 0.4}
    report, mix = mixed({name: {"share": share} for name, share in shares.items()}, recipes=("easy", "qa", "hard"))
    longest = max(row["tokens"] for row in mix)
    total = sum(row["tokens"] for row in mix)
    of = Counter[str]()
    for row in mix:
        of["easy" if row["recipe"] == "easy" else row["origin"]] += row["tokens"]
    assert of.keys() == shares.keys()
    for name, share in shares.items():
        assert abs(of[name] - share * total) <= longest
        assert report.detail["sources"][name]["tokens"] == of[name]
        assert report.detail["sources"][name]["share"] == pytest.approx(share, abs=longest / total)


def test_recipes_without_a_share_stay_out(mixed: Callable) -> None:
    report, mix = mixed({"real": {"share": 0.5}, "qa": {"share": 0.5}})
    assert {row["recipe"] for row in mix} == {None, "qa"}
    assert report.rejected["not_sampled"] >= 40


def test_a_mix_without_real_text_leaves_it_to_the_other_arm(mixed: Callable) -> None:
    report, mix = mixed({"qa": {"share": 1}})
    assert {row["origin"] for row in mix} == {"synthetic"}
    assert report.detail["rows"]["real_only"] == report.detail["rows"]["real"] > 0


def test_a_scarce_source_comes_again_as_numbered_copies(mixed: Callable) -> None:
    report, mix = mixed({"real": {"share": 0.5}, "qa": {"share": 0.5, "max_repeats": 3}}, rephrased=12)
    made = [row for row in mix if row["recipe"] == "qa"]
    assert {row["copy"] for row in made} == {0, 1, 2}
    assert max(Counter(row["generation_key"] for row in made).values()) == 3
    assert len({row["row_id"] for row in mix}) == len(mix)
    assert all(row["copy"] == 0 for row in mix if row["origin"] == "real")
    qa = report.detail["sources"]["qa"]
    assert report.detail["bounded_by"] == "qa"
    assert (qa["repeats"], qa["max_repeats"], qa["rows"]) == (3.0, 3, 3 * qa["available_rows"])
    assert report.detail["rows"]["mix_repeats"] == 2 * qa["available_rows"]


def test_a_source_is_repeated_only_as_often_as_it_takes(mixed: Callable) -> None:
    report, mix = mixed({"real": {"share": 0.5, "max_repeats": 4}, "synthetic": {"share": 0.5, "max_repeats": 4}})
    assert report.detail["sources"]["real"]["repeats"] > 1
    copies = Counter(row["doc_id"] for row in mix if row["origin"] == "real")
    assert max(copies.values()) <= 4
    least, most = min(copies.values()), max(copies.values())
    assert most - least <= 1, "no text comes again before all others have"


def test_no_copy_of_held_out_text_is_in_an_arm(lake: Lake, mixed: Callable) -> None:
    _, mix = mixed({"real": {"share": 0.2, "max_repeats": 2}, "qa": {"share": 0.8, "max_repeats": 4}})
    heldout = lake.read("heldout", CRAWL).to_pylist()
    hosts = {row["host"] for row in heldout}
    assert hosts
    assert not hosts & {row["host"] for row in mix}
    assert not {row["doc_id"] for row in heldout} & {row["doc_id"] for row in mix}
    assert {row["copy"] for row in heldout} == {0}


def test_a_token_budget_makes_a_smaller_mix_of_the_same_shares(mixed: Callable) -> None:
    sources = {"real": {"share": 0.6}, "synthetic": {"share": 0.4}}
    report, mix = mixed(sources, tokens=2000)
    longest = max(row["tokens"] for row in mix)
    assert 2000 <= sum(row["tokens"] for row in mix) <= 2000 + 2 * longest
    assert report.detail["bounded_by"] == "mix.tokens"
    assert mixed(sources, tokens=10**9)[0].detail["bounded_by"] == "real"


def test_quality_weights_bend_what_is_drawn(lake: Lake, mixed: Callable) -> None:
    weights = {"high": 4, "low": 0}
    report, mix = mixed(
        {"real": {"share": 1, "quality": weights}}, tokens=2000, buckets=("low", "medium", "high"), documents=120
    )
    bucket = {row["doc_id"]: row["quality_bucket"] for row in lake.read("documents", CRAWL).to_pylist()}
    drawn = Counter[str]()
    for row in mix:
        drawn[bucket[row["doc_id"]]] += row["tokens"]
    assert drawn.keys() == {"medium", "high"}
    assert 2 < drawn["high"] / drawn["medium"] < 8
    assert report.detail["rows"]["real_only"] > 0


def test_weights_that_leave_nothing_are_named(mixed: Callable) -> None:
    with pytest.raises(BadInput, match=r"Mix mine draws none of the \d+ texts of real.*quality"):
        mixed({"real": {"share": 1, "quality": {"low": 0}}}, buckets=("low",))


def test_a_recipe_without_accepted_text_is_named(mixed: Callable) -> None:
    with pytest.raises(BadInput, match=r"accepted no generation of recipe faq.*without the source 'faq'"):
        mixed({"real": {"share": 0.9}, "faq": {"share": 0.1}})
