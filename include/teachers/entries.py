"""The validated form of ``catalogue.yaml``."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BeforeValidator, model_validator

from include.sections import Section

FILE = Path(__file__).with_name("catalogue.yaml")

Status = Literal["allowed", "conditional", "forbidden"]
Evidence = Literal["text", "publisher", "quoted", "unverified"]


class TermsEntry(Section):
    """A licence, or the terms of a service; see the head of ``catalogue.yaml``."""

    title: str
    ids: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    status: Status
    says: str
    duties: tuple[str, ...] = ()
    source: str
    evidence: Evidence
    checked: date

    @model_validator(mode="after")
    def _duties_fit(self) -> Self:
        if (self.status == "conditional") != bool(self.duties):
            raise ValueError("duties belong to status 'conditional', and only to it")
        return self


class ModelEntry(Section):
    """Which models have which terms."""

    match: list[str]
    terms: Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
    evidence: Evidence


class Speeds(Section):
    """Published speeds: output tokens per second and GPU."""

    source: str
    gpu: str
    models: dict[str, float]


class Catalogue(Section):
    terms: dict[str, TermsEntry]
    models: list[ModelEntry]
    speeds: Speeds

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        named = {name for model in self.models for name in model.terms}
        if missing := named - set(self.terms):
            raise ValueError(f"models name terms that are not there: {', '.join(sorted(missing))}")
        globs = [glob for model in self.models for glob in model.match]
        if twice := {glob for glob in globs if globs.count(glob) > 1 or glob != glob.lower()}:
            raise ValueError(f"these globs stand there twice or have capitals: {', '.join(sorted(twice))}")
        return self


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The catalogue, checked."""
    return Catalogue.model_validate(yaml.safe_load(FILE.read_text()))
