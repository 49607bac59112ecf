"""What plan, worker and collect hand to the gate: every segment of every recipe, in texts that it can read."""

from collections import Counter

from documents import CRAWL
from generating import PAGES, RECIPES, generate, page, plan

from include.lake import Lake
from include.recipes.recipe import Bounds
from include.rephrase.collect import collect_generations
from include.rephrase.teacher import Teacher
from include.validate.gate import run_gate
from include.validate.gate_params import GateParams
from include.validate.judge import count_accepted
from include.validate.outcome import read_outcome

UNBOUNDED = ("language", "near_copy", "repetition", "unrelated", "new_passage", "new_names")
LENIENT = GateParams(min_accepted_share=0, checks={name: Bounds() for name in UNBOUNDED})


def test_every_text_of_every_kind_of_chain_is_judged_and_no_sentence_is_lost(lake: Lake, teacher: Teacher) -> None:
    generate(lake, plan(lake, teacher, [*PAGES, page(4, 90)]))
    collected = collect_generations(lake, CRAWL)
    report = run_gate(lake, CRAWL, LENIENT, [])
    generations = lake.read("generations", CRAWL)
    assert report.rows_in == generations.num_rows == collected.detail["texts"]
    assert count_accepted(generations, LENIENT, []) == report.rows_out > 0
    outcome = read_outcome(lake, CRAWL)
    assert outcome is not None
    assert {finding.name: finding.observed for finding in outcome.expectations}["no_segment_lost"] == 0
    coverage = lake.read("coverage", CRAWL).to_pylist()
    assert {row["recipe"] for row in coverage} == {None, *RECIPES}
    assert Counter(row["recipe"] for row in coverage)[None] == len(PAGES) + 1
    for row in coverage:
        best = max(r["coverage"] for r in coverage if r["doc_id"] == row["doc_id"])
        assert 0 <= row["accepted_sentences"] <= row["sentences"]
        assert row["recipe"] is not None or row["coverage"] >= best
    assert report.rejected.keys() <= {"new_numbers", "length_ratio", "contract", "leftover_preamble", "unfinished"}
