"""National identity, tax and insurance numbers of persons, by country; check digits by python-stdnum."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Country:
    shape: re.Pattern[str]
    """Begins with one character class, to which re skips fast; what must not stand before it is looked for then."""
    checks: tuple[str, ...] = ()
    """Modules of stdnum, one of which must accept the number."""
    names: re.Pattern[str] | None = None
    """What must stand shortly before a number whose shape and check digit alone would take in too many others."""


NAME_DISTANCE = 60
"""Characters before a number in which its name may stand."""


def _country(shape: str, checks: str = "", names: str = "") -> Country:
    named = re.compile(rf"(?<!\w)(?:{names})", re.IGNORECASE) if names else None
    return Country(re.compile(rf"{shape}(?!\w|[.,/-]\d)", re.ASCII), tuple(checks.split()), named)


COUNTRIES = {
    "br": _country(r"\d\d\d\.(?<![\w.,/-]\d{3}\.)\d{3}\.\d{3}-\d\d", "br.cpf"),
    "ca": _country(r"\d\d\d(?<![\w.,/-]\d{3})([ -])\d{3}\1\d{3}", "ca.sin", r"SIN\b|NAS\b|social insurance"),
    "de": _country(
        r"[1-9]\d(?<![\w.,/-]\d\d) ?\d{3} ?\d{3} ?\d{3}",
        "de.idnr",
        r"steuer-?id|steuerliche identifikation|steuer-?identifikation|idnr|persönliche identifikation|tax id",
    ),
    "es": _country(
        r"(?:\d\d{7}(?<![\w.,/-]\d{8})|[XYZ](?<!\w[XYZ])-?\d{7})-?[A-Z]",
        "es.dni es.nie",
        r"d\.?n\.?i\b|n\.?i\.?[ef]\b|documento nacional|identidad",
    ),
    "fr": _country(
        r"[12](?<![\w.,/-][12]) ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d",
        "fr.nir",
        r"s[ée]curit[ée] sociale|num[ée]ro de s[ée]cu|NIR\b|INSEE\b",
    ),
    "gb": _country(
        r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z](?<!\w..)(?<!BG|GB|KN|NK|NT|TN|ZZ) ?\d\d ?\d\d ?\d\d ?[A-D]",
        names=r"national insurance|NINO\b|NI (?:no|number)",
    ),
    "in": _country(r"[2-9]\d{3}(?<![\w.,/-]\d{4})([ -]?)\d{4}\1\d{4}", "in_.aadhaar", r"aadhaar|aadhar|uidai|आधार"),
    "it": _country(r"[A-Z](?<!\w[A-Z])[A-Z]{5}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]", "it.codicefiscale"),
    "nl": _country(r"\d\d{8}(?<![\w.,/-]\d{9})", "nl.bsn", r"bsn\b|burgerservicenummer|sofi-?nummer"),
    "pl": _country(r"\d\d{10}(?<![\w.,/-]\d{11})", "pl.pesel", "pesel"),
    "us": _country(r"\d\d\d(?<![\w.,/-]\d{3})([ -])\d\d\1\d{4}", "us.ssn"),
}


def find(text: str, country: str) -> Iterator[tuple[int, int]]:
    known = COUNTRIES[country]
    for match in known.shape.finditer(text):
        before = text[max(0, match.start() - NAME_DISTANCE) : match.start()]
        if (known.names is None or known.names.search(before)) and _is_valid(match[0], known.checks):
            yield match.span()


def _is_valid(number: str, checks: tuple[str, ...]) -> bool:
    plain = re.sub(r"[ .-]", "", number)
    return not checks or any(import_module(f"stdnum.{check}").is_valid(plain) for check in checks)
