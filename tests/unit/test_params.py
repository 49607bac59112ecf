from pathlib import Path

import pytest

from include.cli import parse_overrides
from include.errors import BadInput
from include.params import Params, load_params
from include.settings import PROJECT


def test_the_projects_own_files_are_valid() -> None:
    assert load_params((PROJECT / "params.yaml",)).rephrase.routing == "wrap"
    assert load_params((PROJECT / "params.yaml", PROJECT / "include/sample/params.yaml")).rephrase.max_documents


def test_what_params_yaml_says_is_what_the_code_defaults_to_but_for_the_ready_routings_and_mixes() -> None:
    said = load_params((PROJECT / "params.yaml",))
    assert {"wrap", "nemotron_cc"} < said.rephrase.routings.keys()
    without = said.rephrase.model_copy(update={"routings": {}, "genres": {}})
    assert said.model_copy(update={"rephrase": without, "mix": said.mix.settled}) == Params()


def test_the_mixes_of_the_papers_are_ready() -> None:
    mixes = load_params((PROJECT / "params.yaml",)).mix.mixes
    real = {name: mix.sources["real"].share for name, mix in mixes.items() if "real" in mix.sources}
    assert real == {
        "wrap": 0.5,
        "scaling_study": 0.7,
        "beyondweb": 0.6,
        "nemotron_cc": 0.7,
        "finephrase": 0.4,
        "real_only": 1,
    }
    assert mixes["finephrase"].sources.keys() == {"real", "math", "table", "faq", "tutorial"}


def test_later_files_and_the_run_itself_win(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("rephrase: {seed: 1, chunk_size: 8}")
    two.write_text("rephrase: {seed: 2}")
    merged = load_params((one, two), {"rephrase": {"max_documents": 3}}).rephrase
    assert (merged.seed, merged.chunk_size, merged.max_documents) == (2, 8, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("mix: {heldout_share: 1.5}", r"mix\.heldout_share = 1\.5: .*less than or equal to 1"),
        ("mix: {use: half}", r"mix\.use = 'half': .*no mix half; known: wrap"),
        (
            "mix: {mixes: {mine: {sources: {poem: {share: 1}}}}}",
            r"mine\.sources = .*no source poem; known: real",
        ),
        ("mix: {mixes: {mine: {sources: {real: {share: 0.7}}}}}", r"the shares add up to 0\.7, not to 1"),
        ("rephrase: {max_document: 3}", r"rephrase\.max_document = 3: Extra inputs"),
        ("rephrase: {recipes: [poem]}", r"rephrase\.recipes = \['poem'\]: .*no recipe poem; known: .*easy"),
        ("train: {tokens: many}", r"train\.tokens = 'many': .*valid integer"),
        ("nonsense: 1", r"nonsense = 1"),
        ("[1]", "must hold sections"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(content)
    with pytest.raises(BadInput, match=message):
        load_params((file,))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BadInput, match=r"no\.yaml does not exist"):
        load_params((Path("no.yaml"),))


def test_overrides_come_from_the_command_line() -> None:
    assert parse_overrides(["rephrase.seed=3", "ingest.languages=[en, de]"]) == {
        "rephrase": {"seed": 3},
        "ingest": {"languages": ["en", "de"]},
    }
    with pytest.raises(BadInput, match=r"section\.name=value"):
        parse_overrides(["rephrase.seed"])


def test_the_gate_looks_for_the_benchmark_items_of_ingest_unless_it_has_its_own(tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    file.write_text("ingest: {contamination: {files: [a.txt], words: 9}}\n")
    assert load_params((file,)).gate.contamination == load_params((file,)).ingest.contamination
    own = load_params((file,), {"gate": {"contamination": {"files": ["b.txt"]}}}).gate.contamination
    assert (own.files, own.words) == ([Path("b.txt")], 13)
