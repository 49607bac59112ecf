"""A recipe that is not usable is refused on load, and the message says what to mend."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from include.errors import BadInput
from include.recipes.registry import load_recipe, read_recipe

GOOD: dict[str, Any] = {
    "id": "mine", "version": "1", "origin": "ours", "system": "You rewrite texts.",
    "steps": [
        {
            "instruction": "Rewrite it.",
            "sampling": {"temperature": 0.7, "max_tokens": 100},
            "contract": {"kind": "prose"},
        }
    ],
    "expected_ratio": 1.0,
}  # fmt: skip
STEP = GOOD["steps"][0]
PROPOSE = STEP | {"id": "propose", "contract": {"kind": "items", "fields": ["genre"]}}


def written(folder: Path, content: object) -> Path:
    file = folder / "mine.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return file


def test_a_recipe_is_added_by_a_file(tmp_path: Path) -> None:
    recipe = read_recipe(written(tmp_path, GOOD))
    assert recipe.document == "before"
    assert recipe.steps[0].repeat == "once"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"document": "under"}, r"document = 'under': Input should be 'alone', 'before' or 'after'"),
        ({"document_for": {"small": "top"}}, r"document_for\.small = 'top': Input should be 'alone'"),
        ({"version": 2}, r"version = '2': Input should be a valid string"),
        ({"titel": "x"}, r"titel = 'x': Extra inputs are not permitted"),
        ({"expected_ratio": 0}, r"expected_ratio = '0': Input should be greater than 0"),
        ({"checks": {"spelling": {"max": 1}}}, r"checks\.spelling.*'length_ratio', 'repetition', 'near_copy', "),
        ({"checks": {"empty": {"max": 1}}}, r"checks\.empty"),
        ({"checks": {"near_copy": {"min": 1, "max": 0.5}}}, r"checks\.near_copy.*min 1\.0 must not be above max 0\.5"),
        ({"segment": {"max_tokens": 100, "piece_tokens": 200}}, r"piece_tokens 200 must not be above max_tokens 100"),
        ({"segment": {"piece_tokens": 20}}, r"piece_tokens belongs to a step with 'repeat: each_piece'"),
        ({"steps": []}, r"steps = '\[\]': List should have at least 1 item"),
        ({"steps": [STEP | {"contract": {"kind": "poem"}}]}, r"steps\.0\.contract.*'poem'.*'prose'"),
        ({"steps": [STEP | {"repeat": "each_item"}]}, r"the first step cannot repeat for each item"),
        ({"steps": [STEP, STEP]}, r"two steps have the same id"),
        ({"steps": [STEP, STEP | {"id": "b", "repeat": "each_item"}]}, r"after a contract that gives items.*'prose'"),
        ({"steps": [STEP | {"repeat": "each_piece"}, STEP | {"id": "b"}]}, r"must be the only step"),
        ({"steps": [STEP | {"repeat": "each_piece"}]}, r"piece_tokens belongs to a step"),
        ({"steps": [STEP | {"instruction": "Use {genre}."}]}, r"'rewrite' names 'genre'.*allowed: no braces"),
        ({"steps": [STEP | {"instruction": "Use }."}]}, r"names '}'.*allowed: no braces"),
        (
            {"steps": [PROPOSE, STEP | {"repeat": "each_item", "instruction": "As {genre} for {reader}."}]},
            r"names 'reader' in its instruction; allowed: \{genre\}",
        ),
        ({"steps": [STEP | {"contract": {"kind": "tags", "tags": ["a", "a"]}}]}, r"a tag is named twice"),
        (
            {"steps": [STEP | {"contract": {"kind": "prose", "opening": "Here is the rewritten text:"}}]},
            r"cleaned away as an announcement",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_what_is_allowed(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    file = written(tmp_path, GOOD | changes)
    with pytest.raises(BadInput, match=message) as refused:
        read_recipe(file)
    assert str(file) in str(refused.value)
    assert "docs/how-to/add-a-recipe.md" in str(refused.value)


@pytest.mark.parametrize("missing", ["origin", "version", "steps", "expected_ratio"])
def test_what_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    content = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(BadInput, match=rf"\n  {missing}: Field required"):
        read_recipe(written(tmp_path, content))


@pytest.mark.parametrize("content", ["a: [", "\t: x", "a: b: c"])
def test_a_file_that_is_no_yaml_is_named(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml is not valid YAML"):
        read_recipe(written(tmp_path, content))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match=r"mine\.yaml is not valid YAML"):
        read_recipe(tmp_path / "mine.yaml")


@pytest.mark.parametrize("content", ["", "[1, 2]", "text"])
def test_a_file_without_fields_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput, match=r"mine\.yaml is not usable:\n  the whole file"):
        read_recipe(written(tmp_path, content))


def test_a_recipe_has_the_name_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"calls itself 'yours'; its id must be its file's name, 'mine'"):
        read_recipe(written(tmp_path, GOOD | {"id": "yours"}))


@pytest.mark.parametrize("name", ["poem", "../recipes/easy", ""])
def test_a_recipe_that_is_not_there_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(BadInput, match=r"There is no recipe .*Known: .*easy, .*qa"):
        load_recipe(name)


def test_items_and_texts_of_a_step_may_be_named_by_the_next(tmp_path: Path) -> None:
    third = STEP | {"id": "polish", "instruction": "Polish {text}, a {genre}."}
    content = GOOD | {"steps": [PROPOSE, STEP | {"repeat": "each_item", "instruction": "As {genre}."}, third]}
    assert len(read_recipe(written(tmp_path, content)).steps) == 3
