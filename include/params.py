"""What decides the data: the validated form of ``params.yaml``.

Every bound carries its source. A value out of range, an unknown name or a wrong type is refused with the place in the
file and what is allowed, before any work starts.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from include.errors import BadInput

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IngestParams(Section):
    """From WARC records to documents."""

    languages: list[str] = ["en"]
    """ISO 639-1 codes to keep; an empty list keeps every language."""
    min_language_score: Share = 0.5
    min_words: Count = 50
    max_words: Count = 100_000
    """Words per document; Gopher (arXiv 2112.11446, A1.1)."""
    min_mean_word_length: Annotated[float, Field(ge=0)] = 3.0
    max_mean_word_length: Annotated[float, Field(ge=0)] = 10.0
    max_symbol_word_ratio: Share = 0.1
    """``#`` and ellipses per word; Gopher A1.1."""
    min_alphabetic_words: Share = 0.8
    """Share of words with at least one letter; Gopher A1.1."""
    max_bullet_lines: Share = 0.9
    max_ellipsis_lines: Share = 0.3
    min_stop_words: Natural = 2
    """Distinct words of {the, be, to, of, and, that, have, with}; Gopher A1.1."""
    max_duplicate_line_share: Share = 0.3
    """Share of lines that repeat an earlier one; Gopher A1.1 (repetition)."""
    opt_out_directives: list[str] = ["noai"]
    """Robots directives (meta or ``X-Robots-Tag``) that keep a page out."""
    benchmarks: list[Path] = []
    """JSONL files with a ``text`` field; documents that share an n-gram with one are rejected."""
    contamination_words: Count = 13
    """Length of that n-gram in words; GPT-3 (arXiv 2005.14165, C)."""
    files_per_batch: Count = 2
    """At least; a dump with very many files gets larger batches."""
    max_record_bytes: Count = 5 * 2**20
    """Larger payloads are skipped; Common Crawl itself cuts pages at 5 MiB."""
    max_failed_share: Share = 0.05
    """Above this share of failed records the dump fails instead of shrinking silently."""


class EngineParams(Section):
    """How the teacher is run."""

    kind: Literal["vllm", "scripted"] = "vllm"
    """``scripted`` invents nothing and learns nothing: for unit tests only."""
    max_model_len: Count = 2048
    max_num_seqs: Count = 64
    dtype: str = "auto"
    enforce_eager: bool = True
    """Skips torch.compile: on two CPU cores it saves over a minute at start. Turn off for long GPU runs."""
    gpu_memory_utilization: Share = 0.9
    cpu_kv_cache_gib: Count = 2


class RephraseParams(Section):
    """From documents to generations."""

    recipes: list[str] = ["easy", "medium", "hard", "qa"]
    """Ids of files in ``include/recipes``; the four styles of WRAP (arXiv 2401.16380, 3.1)."""
    teacher: str = "smollm2-135m-instruct"
    """A bundled model's name, a Hugging Face id (``org/name``), or a folder."""
    teacher_revision: str | None = None
    """Commit of a Hugging Face model; None takes the newest and records which one that was."""
    max_segment_tokens: Count = 300
    """Teacher tokens per segment; WRAP 3.1: longer requests lost information."""
    max_documents: Count | None = None
    """Rephrase this many documents of a dump (those with the lowest content hash); None means all."""
    chunk_size: Count = 64
    """Requests committed together: what a killed worker may have to repeat."""
    seed: Natural = 0
    engine: EngineParams = EngineParams()


class GateParams(Section):
    """Bounds of the row checks (a recipe may narrow its own) and of the expectations."""

    max_copy_share: Share = 0.6
    """Share of the output's word 4-grams that stand in the source."""
    max_repeated_ngram_share: Share = 0.3
    """Share of the output's word 4-grams that are repeats of an earlier one."""
    min_language_score: Share = 0.4
    max_failed_share: Share = 0.05
    """Critical: requests that ended without an output."""
    min_accepted_share: Share = 0.02
    """Critical: below it the teacher or the recipe is broken."""
    warn_accepted_share: Share = 0.2
    """Warning only."""


class MixParams(Section):
    """From accepted generations to a corpus."""

    synthetic_share: Share = 0.5
    """Synthetic share of the mix in words; WRAP 3.3 mixes 1:1."""
    heldout_share: Share = 0.15
    """Share of hosts whose pages no arm may see; they measure perplexity."""
    seed: Natural = 0


class TrainParams(Section):
    """The small Llama-type models that are trained on a release."""

    vocab_size: Annotated[int, Field(ge=300)] = 2048
    layers: Count = 2
    heads: Count = 4
    width: Count = 128
    context: Count = 128
    batch_size: Count = 4
    tokens: Count = 400_000
    """Training tokens of each arm: the same for both, whatever their data."""
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 2e-3
    warmup_share: Share = 0.05
    seed: Natural = 0


class Params(Section):
    ingest: IngestParams = IngestParams()
    rephrase: RephraseParams = RephraseParams()
    gate: GateParams = GateParams()
    mix: MixParams = MixParams()
    train: TrainParams = TrainParams()


def load_params(files: tuple[Path, ...], overrides: dict[str, Any] | None = None) -> Params:
    """Merge YAML ``files`` left to right, apply ``overrides`` (``{"rephrase": {"seed": 1}}``), validate.

    Raises:
        BadInput: a file is missing or not YAML, or a value is not allowed.
    """
    merged: dict[str, Any] = {}
    for file in files:
        try:
            content = yaml.safe_load(file.read_text()) or {}
        except FileNotFoundError:
            raise BadInput(f"Params file {file} does not exist. Point REWRAP_PARAMS at an existing file.") from None
        except yaml.YAMLError as error:
            raise BadInput(f"Params file {file} is not valid YAML: {error}. Mend it and run again.") from None
        if not isinstance(content, dict):
            raise BadInput(f"Params file {file} must hold sections ({', '.join(Params.model_fields)}).")
        merged = _merge(merged, content)
    try:
        return Params.model_validate(_merge(merged, overrides or {}))
    except ValidationError as error:
        raise BadInput(_explain(error, files)) from None


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _explain(error: ValidationError, files: tuple[Path, ...]) -> str:
    lines = [
        f"  {'.'.join(str(part) for part in problem['loc'])} = {problem['input']!r}: {problem['msg']}"
        for problem in error.errors()
    ]
    names = ", ".join(str(file) for file in files)
    return f"Parameters are not usable ({names}, or what was given in the trigger form):\n" + "\n".join(lines)
