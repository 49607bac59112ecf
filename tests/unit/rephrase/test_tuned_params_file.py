"""What ``autotune`` writes into a params file, and what it leaves alone."""

from difflib import unified_diff
from pathlib import Path

import pytest
import yaml

from include.errors import BadInput
from include.params import load_params
from include.rephrase.autotune.params_file import write_model_settings

BY_HAND = """\
# Ours.
ingest: {languages: [en, "de"]}
rephrase:
  seed: 1   # any
  models:
    other: {max_num_seqs: 8}   # by hand
    # the small one
    org/model:
      max_num_seqs: 16  # for now
      max_model_len: 512

# What is accepted.
gate:
  min_accepted_share: 0.1
"""


def changes(before: str, after: str) -> list[str]:
    return list(unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]


def test_settings_are_changed_where_they_stand_and_comments_stay(tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(BY_HAND)
    assert write_model_settings(file, "org/model", {"max_num_seqs": 64, "speculation": None})
    assert changes(BY_HAND, file.read_text()) == [
        "@@ -9 +9,2 @@",
        "-      max_num_seqs: 16  # for now",
        "+      speculation: null",
        "+      max_num_seqs: 64  # for now",
    ]
    tuned = load_params((file,)).rephrase.engine_for("org/model")
    assert (tuned.max_num_seqs, tuned.max_model_len) == (64, 512)


def test_the_projects_own_file_gets_one_new_block(tmp_path: Path, project: Path) -> None:
    before = (project / "params.yaml").read_text()
    file = tmp_path / "params.yaml"
    file.write_text(before)
    write_model_settings(file, "org/model", {"max_num_seqs": 64, "speculation": {"tokens": 5}})
    changed = changes(before, file.read_text())
    assert [line[0] for line in changed] == ["@", *"+" * 5]
    assert load_params((file,)).rephrase.engine_for("org/model").speculation is not None


@pytest.mark.parametrize("before", ["", "# nothing yet\n", "rephrase:\n", "rephrase:\n  models:\n"])
def test_missing_sections_are_made(tmp_path: Path, before: str) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(before)
    assert write_model_settings(file, "org/model", {"max_num_seqs": 64})
    assert yaml.safe_load(file.read_text()) == {"rephrase": {"models": {"org/model": {"max_num_seqs": 64}}}}
    assert file.read_text().startswith(before.partition("\n")[0])


def test_what_stands_there_already_is_not_written_again(tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(BY_HAND)
    written = file.stat().st_mtime_ns
    assert not write_model_settings(file, "org/model", {"max_num_seqs": 16})
    assert not write_model_settings(file, "unknown", {})
    assert file.read_text() == BY_HAND
    assert file.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rephrase: [1]", r"holds \[1\] where settings must stand by name \(rephrase.models.m\)"),
        ("[", "cannot be read"),
        ("a: &a {models: {m: {max_num_seqs: 1}}}\nrephrase: *a\n", "cannot be changed by itself"),
    ],
)
def test_a_file_that_cannot_be_changed_is_left_alone(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "params.yaml"
    file.write_text(content)
    with pytest.raises(BadInput, match=message):
        write_model_settings(file, "m", {"max_num_seqs": 64})
    assert file.read_text() == content


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no\.yaml cannot be read"):
        write_model_settings(tmp_path / "no.yaml", "m", {"max_num_seqs": 64})
