"""The mix: shares, held-out text, origins, conservation."""

from collections.abc import Callable

import pytest
from small_dumps import shares

from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.ledger import StageReport, recall
from include.publish.mix import build_corpus
from include.publish.mix_params import MixParams
from include.schemas import CORPUS

CRAWL = "SAMPLE-2026-01"
LAYERS = ("mix", "real", "heldout")


def rows(lake: Lake, layer: str) -> list[dict[str, object]]:
    return lake.read(layer, CRAWL).to_pylist()


def tokens_of(row: dict[str, object]) -> int:
    """The estimate that stands in for a tokenizer."""
    return -(-len(str(row["text"]).encode()) // 4)


def tokens(table: list[dict[str, object]], origin: str) -> int:
    return sum(tokens_of(row) for row in table if row["origin"] == origin)


def digests(lake: Lake) -> dict[str, str]:
    return {layer: lake.manifest(layer, CRAWL).files[0].sha256 for layer in LAYERS}


@pytest.fixture
def corpus(lake: Lake, make_dump: Callable) -> StageReport:
    make_dump()
    return build_corpus(lake, CRAWL, MixParams())


@pytest.mark.parametrize("rephrased", [60, 8])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_the_synthetic_share_is_met_within_one_row(
    lake: Lake, make_dump: Callable, share: float, rephrased: int
) -> None:
    make_dump(rephrased=rephrased)
    report = build_corpus(lake, CRAWL, shares(1 - share))
    mix = rows(lake, "mix")
    real, synthetic = tokens(mix, "real"), tokens(mix, "synthetic")
    longest = max(map(tokens_of, mix))
    assert real > 0
    assert abs(synthetic - share * (real + synthetic)) <= longest
    assert report.detail["tokens"]["mix_synthetic"] == synthetic
    assert report.detail["synthetic_share"] == pytest.approx(synthetic / (real + synthetic), abs=1e-4)


def test_all_of_the_scarcer_side_is_taken(lake: Lake, make_dump: Callable) -> None:
    make_dump(rephrased=8)
    report = build_corpus(lake, CRAWL, MixParams())
    assert "not_sampled" not in report.rejected
    assert report.detail["rows"]["real_only"] > 0


@pytest.mark.parametrize(("share", "origin"), [(0.0, "real"), (1.0, "synthetic")])
def test_a_share_of_none_or_all_leaves_one_origin(lake: Lake, make_dump: Callable, share: float, origin: str) -> None:
    make_dump()
    build_corpus(lake, CRAWL, shares(1 - share))
    assert {row["origin"] for row in rows(lake, "mix")} == {origin}


def test_no_row_is_there_twice(lake: Lake, corpus: StageReport) -> None:
    for layer in LAYERS:
        ids = [row["row_id"] for row in rows(lake, layer)]
        assert len(ids) == len(set(ids)) > 0


def test_every_variant_of_a_segment_is_a_row_of_its_own(lake: Lake, make_dump: Callable) -> None:
    make_dump(variants=3, recipes=("genre_audience",))
    report = build_corpus(lake, CRAWL, shares(0.0))
    made = rows(lake, "mix")
    assert len({row["row_id"] for row in made}) == len({row["generation_key"] for row in made}) == len(made)
    assert len(made) == 3 * len({row["doc_id"] for row in made})
    words = sum(len(str(row["text"]).split()) for row in made)
    figures = {"rows": len(made), "words": words, "tokens": tokens(made, "synthetic")}
    assert report.detail["by_recipe"] == {"genre_audience": figures}


def test_held_out_hosts_are_in_no_arm(lake: Lake, corpus: StageReport) -> None:
    heldout = {row["host"] for row in rows(lake, "heldout")}
    assert corpus.detail["heldout_by"] == "host"
    assert 0 < len(heldout) == corpus.detail["heldout_hosts"] < corpus.detail["hosts"] == 20
    assert not heldout & {row["host"] for layer in ("mix", "real") for row in rows(lake, layer)}
    assert corpus.rejected["heldout_host"] > 0
    assert {row["origin"] for row in rows(lake, "heldout")} == {"real"}


def test_a_generation_shared_with_a_held_out_document_is_left_out(lake: Lake, make_dump: Callable) -> None:
    make_dump()
    build_corpus(lake, CRAWL, MixParams())
    numbers = {layer: [int(str(r["url"]).rsplit("-", 1)[1]) for r in rows(lake, layer)] for layer in LAYERS}
    make_dump(same_key=(numbers["heldout"][0], numbers["real"][0]))
    build_corpus(lake, CRAWL, shares(0.0))
    generations = lake.read("accepted", CRAWL)
    keys = generations["generation_key"].to_pylist()
    repeated = {key for key in keys if keys.count(key) > 1}
    assert len(repeated) == 1
    assert not repeated & {row["generation_key"] for row in rows(lake, "mix")}


def test_one_generation_of_two_documents_is_taken_once(lake: Lake, make_dump: Callable) -> None:
    make_dump()
    build_corpus(lake, CRAWL, MixParams())
    kept = [int(str(row["url"]).rsplit("-", 1)[1]) for row in rows(lake, "real")]
    make_dump(same_key=tuple(kept[:3]))
    report = build_corpus(lake, CRAWL, shares(0.0))
    keys = [row["generation_key"] for row in rows(lake, "mix")]
    assert report.rejected["repeated"] == 2
    assert len(keys) == len(set(keys))


def test_a_dump_of_one_host_holds_out_documents(lake: Lake, make_dump: Callable) -> None:
    make_dump(hosts=1)
    report = build_corpus(lake, CRAWL, MixParams())
    heldout = {row["doc_id"] for row in rows(lake, "heldout")}
    assert report.detail["heldout_by"] == "document"
    assert len(heldout) == 9  # 15 % of 60
    assert report.rejected["heldout_document"] > 0
    assert not heldout & {row["doc_id"] for layer in ("mix", "real") for row in rows(lake, layer)}


def test_a_host_is_held_out_in_every_dump_or_in_none(lake: Lake, make_dump: Callable) -> None:
    hosts = []
    for crawl in ("SAMPLE-2026-01", "SAMPLE-2026-02"):
        make_dump(crawl=crawl)
        build_corpus(lake, crawl, MixParams())
        hosts.append(set(lake.read("heldout", crawl)["host"].to_pylist()))
    assert hosts[0] == hosts[1]


def test_every_row_states_its_origin(lake: Lake, corpus: StageReport) -> None:
    sources = {row["doc_id"]: row for row in lake.read("documents", CRAWL).to_pylist()}
    outputs = {row["generation_key"]: row for row in lake.read("accepted", CRAWL).to_pylist()}
    for row in rows(lake, "mix"):
        assert row["url"] == sources[row["doc_id"]]["url"]
        if row["origin"] == "real":
            assert row["text"] == sources[row["doc_id"]]["text"]
            assert row["recipe"] is row["generation_key"] is row["teacher"] is None
        else:
            made = outputs[row["generation_key"]]
            assert (row["text"], row["recipe"], row["teacher"]) == (made["text"], made["recipe"], made["teacher"])
            assert row["doc_id"] == made["doc_id"]
    assert all(lake.read(layer, CRAWL).schema == CORPUS for layer in LAYERS)


def test_every_input_row_ends_in_exactly_one_place(lake: Lake, make_dump: Callable) -> None:
    make_dump()
    corpus = build_corpus(lake, CRAWL, shares(0.7))
    counts = corpus.detail["rows"]
    assert corpus.rows_in == 60 + 120
    assert corpus.rows_out == counts["mix"] + counts["heldout"] + counts["real_only"]
    assert set(corpus.rejected) == {"heldout_host", "not_sampled"}
    assert corpus.rows_in == corpus.rows_out + sum(corpus.rejected.values())
    assert counts == {
        "mix": len(rows(lake, "mix")),
        "mix_real": sum(row["origin"] == "real" for row in rows(lake, "mix")),
        "mix_synthetic": sum(row["origin"] == "synthetic" for row in rows(lake, "mix")),
        "real": len(rows(lake, "real")),
        "real_only": len({r["row_id"] for r in rows(lake, "real")} - {r["row_id"] for r in rows(lake, "mix")}),
        "mix_repeats": 0,
        "heldout": len(rows(lake, "heldout")),
    }
    assert recall(lake, CRAWL, "corpus") == corpus


def test_origins_are_spread_over_the_mix(lake: Lake, make_dump: Callable) -> None:
    make_dump(rephrased=20)
    build_corpus(lake, CRAWL, MixParams())
    mix = rows(lake, "mix")
    half = len(mix) // 2
    assert tokens(mix[:half], "real") > 0 < tokens(mix[half:], "real")


def test_another_seed_gives_another_corpus(lake: Lake, corpus: StageReport) -> None:
    first = digests(lake)
    build_corpus(lake, CRAWL, MixParams(seed=1))
    assert all(digests(lake)[layer] != digest for layer, digest in first.items())


def test_an_unchanged_corpus_is_not_written_again(lake: Lake, corpus: StageReport) -> None:
    files = {layer: lake.files(layer, CRAWL)[0].stat().st_mtime_ns for layer in LAYERS}
    assert build_corpus(lake, CRAWL, MixParams()) == corpus
    assert files == {layer: lake.files(layer, CRAWL)[0].stat().st_mtime_ns for layer in LAYERS}


def test_a_corpus_killed_before_its_report_is_reported_anew(lake: Lake, corpus: StageReport) -> None:
    report = lake.path("reports", CRAWL) / "corpus.json"
    old = report.read_bytes()
    build_corpus(lake, CRAWL, shares(0.7))
    report.write_bytes(old)  # as if the process had died after its last table
    assert build_corpus(lake, CRAWL, shares(0.7)).detail["sources"]["real"]["share_wanted"] == 0.7


def test_a_failed_gate_blocks_the_corpus(lake: Lake, make_dump: Callable) -> None:
    make_dump(passed=False)
    with pytest.raises(GateFailed):
        build_corpus(lake, CRAWL, MixParams())
    assert all(lake.manifest(layer, CRAWL) is None for layer in LAYERS)


def test_nothing_accepted_says_what_to_do(lake: Lake, make_dump: Callable) -> None:
    make_dump(rephrased=0)
    with pytest.raises(BadInput, match=r"accepted no generation.*mix without the source .synthetic.*real_only"):
        build_corpus(lake, CRAWL, MixParams())
    assert build_corpus(lake, CRAWL, shares(1.0)).detail["rows"]["mix"] > 0


def test_only_held_out_documents_rephrased_says_what_to_do(lake: Lake, make_dump: Callable) -> None:
    make_dump(rephrased=1)
    with pytest.raises(BadInput, match=r"held-out host.*mix.heldout_share"):
        build_corpus(lake, CRAWL, MixParams(heldout_share=0.95))


def test_a_single_document_cannot_be_both_trained_on_and_held_out(lake: Lake, make_dump: Callable) -> None:
    make_dump(documents=1)
    with pytest.raises(BadInput, match="needs two at least"):
        build_corpus(lake, CRAWL, MixParams())


def test_accepted_rows_of_an_older_version_are_refused(lake: Lake, make_dump: Callable) -> None:
    make_dump()
    old = lake.read("accepted", CRAWL).drop_columns(["variant"])
    lake.write(old, layer="accepted", crawl=CRAWL, fingerprint="gate")
    with pytest.raises(BadInput, match="accepted of SAMPLE-2026-01 have no variant: an older version"):
        build_corpus(lake, CRAWL, MixParams())


def test_generations_of_vanished_documents_are_refused(lake: Lake, make_dump: Callable) -> None:
    make_dump()
    documents = lake.read("documents", CRAWL)
    lake.write(documents.slice(5), layer="documents", crawl=CRAWL, fingerprint="again")
    with pytest.raises(BadInput, match=r"10 accepted generations.*rephrase and gate"):
        build_corpus(lake, CRAWL, MixParams())
