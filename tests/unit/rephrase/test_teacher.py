"""Where a teacher comes from, which revision it has, and what its files say of its licence."""

from pathlib import Path

import pytest

from include.errors import BadInput
from include.rephrase.engines.start import ready_teacher
from include.rephrase.params import RephraseParams
from include.rephrase.teacher import Teacher, find_teacher, prepare_teacher
from include.settings import Settings

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"REWRAP_HOME": str(tmp_path / "home")})


@pytest.fixture
def tokenizer(teacher: Teacher) -> bytes:
    return (teacher.path / "tokenizer.json").read_bytes()


@pytest.fixture
def folder(tmp_path: Path, tokenizer: bytes) -> Path:
    """A model of one's own; nothing here reads the weights."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "tokenizer.json").write_bytes(tokenizer)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


@pytest.fixture
def hub(tmp_path: Path, tokenizer: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The local cache of a hub that cannot be reached, with the files of org/model in it."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    model = tmp_path / "hub/models--org--model"
    (model / "refs").mkdir(parents=True)
    (model / "refs/main").write_text(COMMIT)
    snapshot = model / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "tokenizer.json").write_bytes(tokenizer)
    (snapshot / "config.json").write_text("{}")
    (snapshot / "README.md").write_text("---\nlicense: apache-2.0\n---\n# Model\n")
    return snapshot


def test_a_folder_with_weights_has_the_same_revision_for_every_engine(settings: Settings, folder: Path) -> None:
    without = prepare_teacher(settings, str(folder), weights=False)
    assert without == prepare_teacher(settings, str(folder))
    assert len(without.revision) == 32
    (folder / "model.safetensors").write_bytes(b"other weights")
    settings.home.rename(settings.home.with_name("before"))
    assert prepare_teacher(settings, str(folder), weights=False).revision != without.revision


def test_a_teacher_that_is_quantised_when_it_is_loaded_is_another_revision(settings: Settings, folder: Path) -> None:
    prepared = prepare_teacher(settings, str(folder))
    plain = RephraseParams(teacher=str(folder))
    assert ready_teacher(settings, plain) == prepared
    small = plain.model_copy(update={"models": {str(folder): {"quantization": "fp8"}}})
    assert ready_teacher(settings, small).revision == f"{prepared.revision}+fp8", (
        "its texts must not pass for the others"
    )


def test_weights_elsewhere_need_a_revision(settings: Settings, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(BadInput, match=r"which weights .* the servers have. Name them in rephrase\.teacher_revision"):
        prepare_teacher(settings, str(folder), weights=False)
    teacher = prepare_teacher(settings, str(folder), "weights of May", weights=False)
    assert teacher.revision == "weights of May"
    assert teacher.count_tokens()(["three small words"]) == [3]
    assert find_teacher(settings, str(folder), "weights of May") is None, "it cannot be loaded here"


def test_a_folder_without_a_tokenizer_is_refused(settings: Settings, folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    for weights in (True, False):
        with pytest.raises(BadInput, match=r"has no tokenizer\.json"):
            prepare_teacher(settings, str(folder), "r1", weights=weights)


@pytest.mark.parametrize(
    ("card", "license_id"),
    [
        ("---\nlicense: mit\n---\nText", "mit"),
        ("---\nlicense: other\nlicense_name: llama3.1\n---\n", "llama3.1"),
        ("---\nlicense: [apache-2.0, mit]\n---\n", "apache-2.0, mit"),
        ("---\nlanguage: en\n---\n", "unknown"),
        ("no head at all", "unknown"),
        ("---\n- a list\n---\n", "unknown"),
        ("---\nlicense: [mit\n---\n", "unknown"),
    ],
)
def test_the_licence_is_what_the_model_card_says(settings: Settings, folder: Path, card: str, license_id: str) -> None:
    (folder / "README.md").write_text(card)
    assert prepare_teacher(settings, str(folder)).license == license_id


def test_the_revision_of_a_hub_model_is_its_commit(settings: Settings, hub: Path) -> None:
    without = prepare_teacher(settings, "org/model", "main", weights=False)
    assert (without.revision, without.license) == (COMMIT, "apache-2.0")
    (hub / "model.safetensors").write_bytes(b"weights")
    assert prepare_teacher(settings, "org/model") == without


def test_a_hub_model_that_cannot_be_had_is_refused_with_what_to_do(settings: Settings, hub: Path) -> None:
    with pytest.raises(BadInput, match=r"'no/model' cannot be loaded .*rephrase\.teacher"):
        prepare_teacher(settings, "no/model", "main", weights=False)
