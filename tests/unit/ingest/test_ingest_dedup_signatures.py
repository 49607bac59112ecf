"""Band hashes: what they find, what they do not, and that C and Python agree."""

import ctypes
import os
import shutil
from math import sqrt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near_duplicates import Writer, found_with_probability, jaccard

from include import native
from include.ingest.dedup import lines, signatures
from include.ingest.dedup.clusters import components
from include.ingest.dedup.folding import words
from include.ingest.dedup.settings import DedupParams

PARAMS = DedupParams()
# Odd characters often, and words that repeat.
TEXT = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from(" \n.aAéÉ1٣中文カﾅไทยéıİß\u00ad\u0301\u200d𝔸𠀀가")),
    max_size=200,
)
HOSTILE = st.one_of(TEXT.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=60))


def load_c() -> ctypes.CDLL:
    found = native.load("minhash")
    if found is None:
        if os.environ.get("CI") or shutil.which("cc"):
            pytest.fail("minhash.c must build where there is a C compiler, and there must be one in CI")
        pytest.skip("no C compiler: the C part cannot be compared")
    return found


@pytest.fixture
def library() -> ctypes.CDLL:
    return load_c()


def without_c(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(native, "load", lambda name: None)
    return monkeypatch


def share_a_band(one: str, other: str, params: DedupParams = PARAMS) -> bool:
    table = signatures.signatures(pa.array([one, other]), params)
    return any(column[0].as_py() == column[1].as_py() and column[0].is_valid for column in table.columns)


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(HOSTILE, max_size=8), ngram=st.integers(1, 6), bands=st.integers(1, 5), rows=st.integers(1, 9))
def test_c_and_python_give_the_same_band_hashes(texts: list[bytes], ngram: int, bands: int, rows: int) -> None:
    library = load_c()
    params = DedupParams(ngram_words=ngram, bands=bands, band_rows=rows)
    data = signatures.as_bytes(pa.array(texts, pa.binary()))
    in_c, found_in_c = signatures._in_c(library, data, params)
    in_python, found_in_python = signatures._in_python(data, params)
    assert np.array_equal(found_in_c, found_in_python)
    assert np.array_equal(in_c[:, found_in_c], in_python[:, found_in_c])


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(HOSTILE, max_size=8), low=st.integers(1, 6), high=st.integers(6, 60))
def test_c_and_python_give_the_same_line_hashes(texts: list[bytes], low: int, high: int) -> None:
    params = DedupParams(line_min_chars=low, line_max_chars=high)
    load_c()
    data = pa.chunked_array([pa.array(texts, pa.binary())])
    hosts = pa.chunked_array([pa.array([f"host-{number % 2}" for number in range(len(texts))], pa.string())])
    with pytest.MonkeyPatch.context() as patched:
        in_c = lines.line_hashes(data, hosts, params)
        in_python = lines.line_hashes(data, hosts, params) if without_c(patched) else in_c
    assert np.array_equal(in_c[0], in_python[0])
    assert in_c[1].tolist() == [text.count(b"\n") + 1 for text in texts]


@settings(max_examples=200, deadline=None)
@given(nodes=st.integers(1, 40), data=st.data())
def test_components_are_the_smallest_reachable_nodes_in_c_and_python(nodes: int, data: st.DataObject) -> None:
    load_c()
    node = st.integers(0, nodes - 1)
    edges = data.draw(st.lists(st.tuples(node, node), max_size=60))
    smallest = list(range(nodes))
    for _ in range(nodes):
        for one, other in edges:
            smallest[one] = smallest[other] = min(smallest[one], smallest[other])
    left, right = (np.array([edge[side] for edge in edges], dtype=np.int64) for side in (0, 1))
    halves = [(left[:7], right[:7]), (left[7:], right[7:])]
    with pytest.MonkeyPatch.context() as patched:
        assert components(nodes, halves).tolist() == smallest
        without_c(patched)
        assert components(nodes, halves).tolist() == smallest


def test_an_edge_to_nowhere_is_refused(library: ctypes.CDLL) -> None:
    with pytest.raises(AssertionError, match="does not exist"):
        components(3, [(np.array([0]), np.array([3]))])


def test_slices_and_chunks_give_what_the_whole_gives() -> None:
    writer = Writer(1)
    texts = pa.array([writer.text(40) for _ in range(50)])
    whole = signatures.signatures(texts, PARAMS)
    assert signatures.signatures(texts.slice(13, 20), PARAMS) == whole.slice(13, 20)
    assert signatures.signatures(pa.chunked_array([texts.slice(0, 7), texts.slice(7)]), PARAMS) == whole
    assert signatures.signatures(texts.cast(pa.large_string()), PARAMS) == whole
    assert len({column[0].as_py() for column in whole.columns}) == PARAMS.bands


def test_a_text_without_a_word_has_no_bands_and_a_short_one_has() -> None:
    table = signatures.signatures(pa.array(["", None, " .,;!\n", "two words", "Two; WORDS!", "two other"]), PARAMS)
    for column in table.columns:
        values = column.to_pylist()
        assert values[:3] == [None] * 3
        assert values[3] == values[4] != values[5]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Élan  vital, naïve\tcafé", "elan vital naive cafe"),
        ("don't re-use snake_case", "don t re use snake case"),
        ("so\u00adft hy\u200dphen e\u0301", "soft hyphen e"),
        ("１２ ٣٤ 5", "12 34 5"),
        ("中文 テスト", "中 文 テ ス ト"),
        ("ไทย", "ไ ท ย"),
        ("가각 힣", "가각 힣"),
        ("İstanbul STRASSE straße", "istanbul strasse straße"),
        ("ΑΒΓ Ж й", "αβγ ж и"),
    ],
)
def test_folding_of_many_scripts(text: str, folded: str) -> None:
    assert " ".join(words(text)) == folded


def test_numbers_do_not_tell_texts_apart() -> None:
    assert share_a_band(
        "Posted on 12 May 2024 by the editor of 3 papers", "posted on 7 may 1999, by the editor of 44 papers"
    )


def expected_and_found(params: DedupParams, low: float, high: float, pairs: int) -> tuple[float, float, float]:
    """(expected, found, standard deviation) shares of planted pairs with a similarity within these bounds."""
    writer = Writer(seed=int(low * 1000))
    ones, others, similarities = [], [], []
    while len(ones) < pairs:
        text = writer.text(writer.random.randint(150, 350))
        edits = round(len(text.split()) * (1 - (low + high) / 2) / (5 * (1 + (low + high) / 2)))
        copy = writer.edited(text, max(1, edits))
        similarity = jaccard(text, copy)
        if low <= similarity < high:
            ones.append(text)
            others.append(copy)
            similarities.append(similarity)
    mine, theirs = (signatures.signatures(pa.array(texts), params) for texts in (ones, others))
    same = np.array([a.to_numpy() == b.to_numpy() for a, b in zip(mine.columns, theirs.columns, strict=True)])
    expected = [found_with_probability(similarity, params) for similarity in similarities]
    deviation = sqrt(sum(chance * (1 - chance) for chance in expected)) / pairs
    return sum(expected) / pairs, same.any(axis=0).mean(), deviation


BANDS_OF_SIMILARITY = [
    (0.3, 0.4),
    (0.4, 0.5),
    (0.5, 0.6),
    (0.6, 0.7),
    (0.75, 0.8),
    (0.8, 0.85),
    (0.85, 0.95),
    (0.95, 1.0),
]


@pytest.mark.parametrize(("low", "high"), BANDS_OF_SIMILARITY)
def test_pairs_are_found_as_often_as_theory_says(low: float, high: float) -> None:
    expected, found, deviation = expected_and_found(PARAMS, low, high, pairs=600)
    assert abs(found - expected) <= 4 * deviation + 0.005


def test_other_bands_and_rows_follow_their_own_curve() -> None:
    params = DedupParams(bands=20, band_rows=5, ngram_words=5)
    expected, found, deviation = expected_and_found(params, 0.5, 0.6, pairs=400)
    assert 0.4 < expected < 0.8
    assert abs(found - expected) <= 4 * deviation + 0.005


def test_hash_functions_are_independent_of_each_other() -> None:
    # Functions that agree on which shingle is smallest would be one function (recall then drops at high similarity).
    a, b = signatures.multipliers(112)
    shingles = np.random.default_rng(5).integers(0, 2**32, 500, dtype=np.uint64)
    smallest = (shingles[:, None] * a + b).argmin(axis=0)
    assert len(set(smallest.tolist())) > 90  # of 112 draws from 500, 100.4 are distinct on average


def test_unrelated_texts_share_no_band() -> None:
    writer = Writer(3)
    table = signatures.signatures(pa.array([writer.text(100) for _ in range(4_000)]), PARAMS)
    assert [len(set(column.to_pylist())) for column in table.columns] == [4_000] * PARAMS.bands


@pytest.mark.parametrize("bad", [{"bands": 100, "band_rows": 64}, {"ngram_words": 33}, {"line_min_chars": 5_000}])
def test_settings_that_cannot_work_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"bands x band_rows|ngram_words|line_min_chars"):
        DedupParams(**bad)


def test_a_hostile_text_takes_linear_time_and_no_memory(library: ctypes.CDLL) -> None:
    texts = pa.array(
        [b"\xf0\x9f" * 500_000, b"a" * 2_000_000, b"\n" * 1_000_000, b"a " * 500_000, b"\xe4"], pa.binary()
    )
    table = signatures.signatures(texts, PARAMS)
    assert table["band_00"].is_valid().to_pylist() == [False, True, False, True, False]
