"""International bank account numbers (ISO 13616): two letters of the country, two check digits, its fixed length."""

import re
from collections.abc import Iterator

LENGTHS = {
    15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip
"""Countries by the length of their numbers (SWIFT's IBAN registry)."""
_LENGTH_OF = {country: length for length, countries in LENGTHS.items() for country in countries.split()}
# Two digits spelt out, not "{2}": only then does re skip to the next digit with its fast search.
_HEAD = re.compile(r"[0-9][0-9](?<=[A-Z][A-Z][0-9]{2})(?<![^\W_][A-Z][A-Z][0-9]{2})")
_CHARACTER = "[ \u00a0]?[A-Z0-9]"


def find(text: str) -> Iterator[tuple[int, int]]:
    for head in _HEAD.finditer(text):
        start = head.start() - 2
        length = _LENGTH_OF.get(text[start : start + 2])
        if length:
            rest = _rest(length - 4).match(text, head.end())
            if rest and _has_right_check_digits(text[start : rest.end()]):
                yield start, rest.end()


def _rest(length: int) -> re.Pattern[str]:
    return re.compile(rf"(?:{_CHARACTER}){{{length}}}(?![^\W_])")  # re keeps what it has compiled


def _has_right_check_digits(number: str) -> bool:
    """Modulo 97 (ISO 7064): the first four characters to the end, letters as 10 to 35, must leave 1."""
    plain = "".join(number.split())
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1
