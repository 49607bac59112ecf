"""Quantities in other units: ``5.40 m`` is ``540 cm``, ``two weeks`` are ``14 days``, ``3 miles`` about ``5 km``."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from include.validate.facts.numerals import Number
from include.validate.facts.words import places_of

_SIZES = {
    "length": "millimetre mm .001;centimetre cm .01;metre m 1;kilometre km 1000;inch inches in .0254;"
    "foot feet ft .3048;yard yd .9144;mile mi 1609.344",
    "mass": "milligram mg .001;gram gramme g 1;kilogram kilo kg 1000;tonne t 1000000;ounce oz 28.35;pound lb lbs 453.6",
    "volume": "millilitre ml .001;centilitre cl .01;decilitre dl .1;litre l 1;pint .568;gallon 4.546;gallon 3.785",
    "area": "hectare ha 10000;acre 4046.9",
    "time": "second sec s 1;minute min mins 60;hour hr hrs h 3600;day daily 86400;week weekly 604800;"
    "fortnight fortnightly 1209600;month monthly 2629746;quarter quarterly 7889238;year yearly annual annually "
    "31556952;"
    "decade 315569520;century centuries 3155695200",
    "money": "cent penny pence ct c p .01;euro eur € dollar usd $ pound £ quid franc crown 1",
    "data": "kilobyte kb 1;megabyte mb 1000;gigabyte gb 1000000;terabyte tb 1000000000",
    "share": "% percent per\u00a0cent .01",
    "temperature": "°c celsius degrees 1;°f fahrenheit 1",
}


class _Unit(NamedTuple):
    dimension: str
    size: float


_UNITS: dict[str, list[_Unit]] = {}
for _dimension, _listed in _SIZES.items():
    for *_names, _size in (entry.split(" ") for entry in _listed.split(";")):
        for _name in _names:
            _UNITS.setdefault(_name.replace("\u00a0", " "), []).append(_Unit(_dimension, float(_size)))

_AFTER = re.compile(r"(?:(?<=\d)\.\d+)?[\s-]{0,2}(?:of\s)?(?:an?\s)?(square\s|cubic\s)?(°?[A-Za-z]+(?: cent\b)?|[%€])")
_ONE = re.compile(r"\b(?:an?|one|each|every|per|a|the)\s\Z")
_SPELT = frozenset(name.encode() for name in _UNITS if name.isascii() and name.isalpha() and len(name) > 3)
TOLERANCE = 0.04
"""What rounding may make of a figure in another unit."""


class Quantity(NamedTuple):
    value: float
    units: list[_Unit]


def unit_after(text: str, end: int) -> list[_Unit]:
    """What the word behind a number may measure; none where it is no unit."""
    match = _AFTER.match(text, end)
    if not match or match[1]:
        return []
    return _units(match[2].lower())


def _units(word: str) -> list[_Unit]:
    spelt = word.replace("meter", "metre").replace("liter", "litre")
    return _UNITS.get(spelt) or _UNITS.get(spelt.removesuffix("s")) or []


def quantities(text: str, numbers: Iterable[Number], spelt: bool) -> list[Quantity]:
    """Everything that is measured in the text.

    Args:
        spelt: with "an hour", "every week" and "an hour and a half" as 1 and 1.5.
    """
    found = [
        Quantity(value, units)
        for number in numbers
        if (units := unit_after(text, number.end) or _currency_before(text, number.start))
        for value in number.values
    ]
    if not spelt:
        return found
    lower = text.lower()
    for start, word in places_of(lower, _SPELT):
        units = _units(word)
        if word.endswith("ly"):
            found.append(Quantity(1.0, units))
        elif _ONE.search(lower, max(0, start - 9), start):
            found.append(Quantity(1.5 if lower.startswith(" and a half", start + len(word)) else 1.0, units))
    return found


def any_measured(text: str, numbers: Iterable[Number]) -> bool:
    """Whether any of the numbers has a unit."""
    return any(unit_after(text, number.end) for number in numbers)


def _currency_before(text: str, start: int) -> list[_Unit]:
    return _UNITS.get(text[max(0, start - 2) : start].strip()[-1:], [])


def is_same_elsewhere(text: str, number: Number, quantities_: Iterable[Quantity]) -> bool:
    """Whether one of the quantities, in another unit, is what the text says with this number."""
    units = unit_after(text, number.end) or _currency_before(text, number.start)
    for quantity in quantities_:
        for theirs in quantity.units:
            # Amounts in a calculation often go without their unit: 288 × 0.90 for "90 cents each".
            for ours in units or [_Unit("money", 1.0)] * (theirs.dimension == "money"):
                if ours.dimension != theirs.dimension or ours.size == theirs.size:
                    continue
                is_exact = ours.dimension in ("money", "share", "data")
                known = quantity.value * theirs.size / ours.size
                if any(abs(value - known) <= (1e-9 if is_exact else TOLERANCE) * known for value in number.values):
                    return True
    return _is_same_temperature(text, number, quantities_)


def _is_same_temperature(text: str, number: Number, quantities_: Iterable[Quantity]) -> bool:
    if not any(unit.dimension == "temperature" for unit in unit_after(text, number.end)):
        return False
    known = [q.value for q in quantities_ if any(unit.dimension == "temperature" for unit in q.units)]
    converted = [round(value * 9 / 5 + 32) for value in known] + [round((value - 32) * 5 / 9) for value in known]
    return any(abs(value - other) <= 1 for value in number.values for other in converted)
