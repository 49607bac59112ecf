"""What the tests of publishing share."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from small_dumps import WORDS, Dump, fill

from include.lake import Lake
from include.train.tokenizer import END_OF_TEXT, train_tokenizer


@pytest.fixture
def make_dump(lake: Lake) -> Callable[..., Dump]:
    """Fills the test's lake with a dump of the given fields."""
    return lambda **fields: fill(lake, Dump(**fields))


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tokenizer as models have them: its file, and the settings that name the token at an end."""
    folder = tmp_path_factory.mktemp("tokenizer")
    draw = random.Random(0)
    tokenizer = train_tokenizer([" ".join(draw.choices(WORDS, k=50)) for _ in range(50)], 320)
    tokenizer.enable_truncation(8)  # what the file was made for must not show
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": {"content": END_OF_TEXT}}))
    return folder


@pytest.fixture(scope="session")
def first_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with version 1 in it, to be renewed. It lies inside a git checkout, as the project's own home does."""
    from registry_home import V1, keep, publish, run

    home = tmp_path_factory.mktemp("checkout") / "home"
    run("git", "init", "--quiet", home.parent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
        release = publish(home, 1)
    assert (release.tag, release.version, release.new) == (V1, (1, 0, 0), True)
    keep(home)
    return home


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two versions of a dump, and one of another that was made in between, to be renewed."""
    from registry_home import OTHER, V2, keep, publish

    home = tmp_path_factory.mktemp("versions") / "home"
    publish(home, 1)
    publish(home, 1, OTHER)
    assert publish(home, 2).tag == V2
    keep(home)
    return home
