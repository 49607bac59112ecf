"""The how-to's recipe and contract work, and its table names every contract."""

import re
from pathlib import Path
from typing import Any, get_args

from include.recipes.contracts import Contract
from include.recipes.registry import read_recipe

PAGE = (Path(__file__).resolve().parents[3] / "docs/how-to/add-a-recipe.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.M | re.S)


def test_the_recipe_of_the_how_to_reads_a_glossary(tmp_path: Path) -> None:
    file = tmp_path / "glossary.yaml"
    file.write_text(blocks("yaml")[0])
    recipe = read_recipe(file)
    output = "- Nectar: what flowers give\n- Drone: a male bee\n- Swarm: half a hive that leaves"
    parsed = recipe.steps[0].contract.parse(output)
    assert parsed.parts >= recipe.steps[0].contract.min_parts


def test_the_contract_of_the_how_to_reads_a_dialogue() -> None:
    names: dict[str, Any] = {}
    exec(compile(blocks("python")[0], "how-to", "exec"), names)
    parsed = names["DialogueContract"](kind="dialogue").parse("They talk.\nA: Hello.\nB: Hello!\nA:\nB: ...")
    assert (parsed.text, parsed.parts) == ("A: Hello.\nB: Hello!", 2)


def test_the_how_to_names_every_contract() -> None:
    union = get_args(get_args(Contract)[0])
    kinds = [get_args(contract.model_fields["kind"].annotation)[0] for contract in union]
    contracts = PAGE.split("## Contracts")[1].split("## Checks")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", contracts, flags=re.M)) == sorted(kinds)
    options = {name for contract in union for name in contract.model_fields} - {"kind"}
    assert all(f"`{name}" in PAGE for name in options), options
