"""Whether what a teacher writes may train another model: looked up in ``catalogue.yaml`` before anything is planned."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal
from urllib.parse import urlsplit

from include.errors import BadInput
from include.teachers.entries import FILE, ModelEntry, TermsEntry, load_catalogue

OVERRIDE = "rephrase.allow_unlisted_teacher"
STRICTNESS = ("unknown", "allowed", "conditional", "forbidden")


@dataclass(frozen=True)
class Terms:
    """What may be done with a teacher's outputs."""

    status: Literal["allowed", "conditional", "forbidden", "unknown"]
    license: str
    """Titles of all licences and terms that apply; empty where unknown."""
    source: str
    """Who says so: document and section, the basis on which it applies, and how well that was checked."""
    duties: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """In one line, for every row that is made under these terms."""
        duties = f" Duties: {' '.join(self.duties)}" if self.duties else ""
        return f"{self.status}: {self.license}.{duties} Source: {self.source}."


@dataclass(frozen=True)
class Speed:
    """A published speed, in output tokens per second and GPU."""

    tokens_per_second: float
    gpu: str
    source: str


def terms_of(name: str, license: str | None = None, *, served_as: str | None = None, urls: Sequence[str] = ()) -> Terms:
    """The terms that apply to a teacher: by its name, by the licence that its card states, and by where it is served.

    Args:
        name: a Hugging Face id, the name of a bundled model, a folder, or a service's name of the model.
        license: hub id of the licence that the model's card states; several with commas between.
        served_as: the name by which it is asked for at an endpoint.
        urls: of endpoints.

    The strictest of all that apply counts, so a fine-tune of Llama 3 whose card says "mit" stays forbidden.
    """
    catalogue = load_catalogue()
    basis = {
        **{terms: f"by its name, {model.evidence}" for model in _models(name) for terms in model.terms},
        **{terms: f"by the name {served_as}" for model in _models(served_as or "") for terms in model.terms},
        **{terms: f"by the endpoint {host}" for host, terms in _hosts(urls)},
    }
    for stated in (license or "").lower().split(","):
        for terms, entry in catalogue.terms.items():
            if stated.strip() in entry.ids:
                basis.setdefault(terms, f"the model's own card says {stated.strip()}")
    return _strictest([_terms(catalogue.terms[terms], why) for terms, why in basis.items()])


def require_allowed(
    name: str,
    license: str | None,
    allow_unlisted: bool,
    *,
    served_as: str | None = None,
    urls: Sequence[str] = (),
) -> str:
    """Why a teacher's outputs may train a model, in the words that every row made by it carries.

    Raises:
        BadInput: its terms forbid it, whatever is overridden; or nobody knows them and ``allow_unlisted`` is not set.
    """
    terms = refuse_forbidden(name, license, served_as=served_as, urls=urls)
    if terms.status != "unknown":
        return terms.text
    stated = f"states the licence {license!r}" if license and license != "unknown" else "states no licence"
    if not allow_unlisted:
        raise BadInput(
            f"Nobody has looked up whether what teacher {name!r} writes may train another model: it is not in "
            f"{FILE.relative_to(FILE.parents[2])} and its card {stated}. Take one of 'python -m include.cli teachers', "
            f"or read its terms and set '{OVERRIDE}: true' in params.yaml. The override is recorded in every row and "
            "on the dataset card."
        )
    return f"override: not in the catalogue of teachers, its card {stated}; planned by {OVERRIDE}."


def refuse_forbidden(
    name: str, license: str | None = None, *, served_as: str | None = None, urls: Sequence[str] = ()
) -> Terms:
    """The teacher's terms, as far as they are known yet: before its weights and its card are fetched.

    Raises:
        BadInput: they forbid to train another model on what it writes.
    """
    terms = terms_of(name, license, served_as=served_as, urls=urls)
    if terms.status == "forbidden":
        raise BadInput(
            f"Teacher {name!r} cannot be used, no model may be trained on what it writes. {terms.license}. Source: "
            f"{terms.source}. No setting overrides that: 'python -m include.cli teachers' lists teachers that may be "
            "used."
        )
    return terms


def published_speed(name: str) -> Speed | None:
    """The speed that others measured for this model, if anyone published it."""
    speeds = load_catalogue().speeds
    best = _best(name, speeds.models)
    return None if best is None else Speed(speeds.models[best], speeds.gpu, speeds.source)


def _models(name: str) -> list[ModelEntry]:
    """The entry whose glob fits best, or none."""
    entries = {glob: model for model in load_catalogue().models for glob in model.match}
    best = _best(name, entries)
    return [] if best is None else [entries[best]]


def _best(name: str, globs: Iterable[str]) -> str | None:
    """The glob with most letters of those that match."""
    whole = name.lower().rstrip("/")
    last = whole.rsplit("/", 1)[-1]
    fitting = [glob for glob in globs if fnmatchcase(whole if "/" in glob else last, glob)]
    return max(fitting, key=lambda glob: len(glob.replace("*", "")), default=None)


def _hosts(urls: Sequence[str]) -> list[tuple[str, str]]:
    """Hosts of ``urls`` with the terms of who runs them."""
    hosts = [urlsplit(url).hostname or "" for url in urls]
    return [
        (host, name)
        for name, entry in load_catalogue().terms.items()
        for host in hosts
        if any(fnmatchcase(host, glob) for glob in entry.hosts)
    ]


def _terms(entry: TermsEntry, why: str) -> Terms:
    source = f"{entry.source} ({why}; terms: {entry.evidence}, checked {entry.checked})"
    return Terms(entry.status, f"{entry.title}: {entry.says}", source, entry.duties)


def _strictest(applying: list[Terms]) -> Terms:
    """All of them with the strictest status; only those that forbid, if any does."""
    if not applying:
        return Terms("unknown", "", "")
    status = max((terms.status for terms in applying), key=STRICTNESS.index)
    kept = [terms for terms in applying if status != "forbidden" or terms.status == status]
    return Terms(
        status,
        "; ".join(terms.license for terms in kept),
        "; ".join(terms.source for terms in kept),
        tuple(dict.fromkeys(duty for terms in kept for duty in terms.duties)),
    )
