"""What decides the data: the validated form of ``params.yaml``.

Every bound carries its source. A value out of range, an unknown name or a wrong type is refused with the place in the
file and what is allowed, before any work starts.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from include.errors import BadInput
from include.ingest.contamination_params import ContaminationParams
from include.ingest.dedup.settings import DedupParams
from include.ingest.privacy import KINDS
from include.ingest.quality.params import QualityParams
from include.ingest.quality.score import ScoreParams
from include.publish.mix_params import MixParams
from include.rephrase.params import RephraseParams
from include.sections import Count, Natural, Section, Share
from include.validate.approval_params import ApprovalParams
from include.validate.corpus_params import CorpusGateParams
from include.validate.documents_params import DocumentsGateParams
from include.validate.gate_params import GateParams


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
    opt_out_lists: list[str] = []
    """Lists of hosts, URLs, patterns and WARC-Record-IDs to keep out: files or https:// addresses, read when a dump is
    planned (docs/how-to/opt-outs-and-take-down.md). The text of such a page is not kept at all."""
    opt_out_lists_unreachable: Literal["fail", "last_copy"] = "fail"
    """When a list's address does not answer: ``fail``, or go by the ``last_copy`` of it, with a warning."""
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
    corpus_gate: CorpusGateParams = CorpusGateParams()
    train: TrainParams = TrainParams()
    approval: ApprovalParams = ApprovalParams()

    @model_validator(mode="before")
    @classmethod
    def _same_benchmarks(cls, given: Any) -> Any:
        """The gate looks for the benchmark items that ingest looks for, unless it is given its own."""
        if not isinstance(given, dict):
            return given
        ingest, gate = given.get("ingest"), given.get("gate", {})
        if isinstance(ingest, dict) and isinstance(gate, dict) and "contamination" in ingest:
            return {**given, "gate": {"contamination": ingest["contamination"], **gate}}
        return given


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
