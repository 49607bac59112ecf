"""What decides the data: the validated form of ``params.yaml``.

Every bound carries its source. A value out of range, an unknown name or a wrong type is refused with the place in the
file and what is allowed, before any work starts.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from include.errors import BadInput
from include.ingest.dedup.settings import DedupParams
from include.ingest.privacy import KINDS
from include.ingest.quality.params import QualityParams
from include.ingest.quality.score import ScoreParams
from include.rephrase.params import RephraseParams
from include.sections import Count, Natural, Section, Share
from include.validate.documents_params import DocumentsGateParams


class ContaminationParams(Section):
    """Benchmark items that stand in documents (:mod:`include.ingest.contamination`)."""

    files: list[Path] = []
    """JSONL or Parquet with a ``text`` per item, or plain text with an item per line (``.txt``)."""
    words: Count = 13
    """An item with so many words in a row in common is found; GPT-3 (arXiv 2005.14165, C)."""
    overlap_words: Count = 10
    """So many in a row count towards the share below; Phi-1 (arXiv 2306.11644), Cosmopedia."""
    overlap: Share = 0.5
    """An item of which a larger share of words stands in such stretches is found, too; Cosmopedia."""
    action: Literal["reject", "cut"] = "reject"
    """``reject`` the document, or ``cut`` out what it shares with 200 characters around it (GPT-3, C)."""


class IngestParams(Section):
    """From WARC records to documents."""

    kind: Literal["warc", "wet", "arc"] = "warc"
    """Which of a dump's files: pages (``warc``; ``arc`` before 2013), or the text that Common Crawl took from them."""
    sample_files: Count | None = None
    """Read the first so many files only; every report says so."""
    sample_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Read this share of the files only, drawn by ``sample_seed``."""
    sample_seed: Natural = 0
    hosts: list[str] = []
    """Take pages of these hosts (and of those below them) only, through the dump's columnar index."""
    url_patterns: list[str] = []
    """Take pages only whose URL one of these regular expressions (RE2) matches, through the index."""
    index_languages: list[str] = []
    """Take pages only that the index holds to be in these languages (ISO 639-3: ``eng``)."""
    languages: list[str] = ["en"]
    """Languages to keep (ISO 639-1, or 639-3 where there is none); an empty list keeps every language."""
    min_language_score: Share = 0.5
    min_language_share: Share = 0.0
    """Share of the text that must be in its main language; 0 asks for none."""
    language_model: Path | None = None
    """A fastText model with labels like ``en`` or ``eng_Latn`` instead of lid.176."""
    opt_outs: list[str] = ["noai", "tdm-reservation"]
    """Signals that keep a page out: robots directives (meta or ``X-Robots-Tag``; ``noindex`` and ``nofollow`` speak of
    search engines: add them to be stricter) and ``tdm-reservation`` (TDMRep; article 4 of the EU directive 2019/790).
    The text of such a page is not kept at all."""
    mask: list[str] = ["email", "phone", "ip", "iban", "card"]
    """Personal data to mask. Identity numbers mean something in one country only: ``id_us``, ``id_de`` ..."""
    contamination: ContaminationParams = ContaminationParams()
    quality: QualityParams = QualityParams()
    score: ScoreParams = ScoreParams()
    dedup: DedupParams = DedupParams()
    files_per_batch: Count = 2
    """At least; a dump with very many files gets larger batches."""
    max_record_bytes: Count = 5 * 2**20
    """Larger payloads are skipped; Common Crawl itself cuts pages at 5 MiB."""
    page_seconds: Annotated[float, Field(gt=0)] = 20.0
    """CPU seconds after which a page is abandoned: a real one takes milliseconds."""
    page_memory_bytes: Annotated[int, Field(ge=64 * 2**20)] = 2**30
    """Memory that a page may take from its worker."""
    max_failed_share: Share = 0.05
    """Above this share of failed records the dump fails instead of shrinking silently."""

    @model_validator(mode="after")
    def _one_sample(self) -> Self:
        if self.sample_files is not None and self.sample_share is not None:
            raise ValueError("sample_files and sample_share are two samples: give one of them")
        return self

    @field_validator("mask")
    @classmethod
    def _known_kinds(cls, kinds: list[str]) -> list[str]:
        if unknown := sorted(set(kinds) - KINDS.keys()):
            raise ValueError(f"{', '.join(unknown)} cannot be masked; what can is {', '.join(sorted(KINDS))}")
        return kinds


class GateParams(Section):
    """Bounds of the row checks, where a recipe gives none of its own in ``checks``, and of the expectations."""

    max_copy_share: Share = 0.6
    """Share of the output's word 4-grams that stand in the source."""
    min_length_ratio: Annotated[float, Field(ge=0)] = 0.3
    max_length_ratio: Annotated[float, Field(gt=0)] = 1.5
    """Words of the output per word of the source."""
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
    documents_gate: DocumentsGateParams = DocumentsGateParams()
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
