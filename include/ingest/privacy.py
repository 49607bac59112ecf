"""Masks e-mail addresses and international phone numbers."""

import re

EMAIL = "<EMAIL>"
PHONE = "<PHONE>"

# A match can only begin where a word begins, and every part is bounded: linear on hostile text.
_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_PHONE_CANDIDATE = re.compile(r"(?<![\w+])\+\d[\d ().\-/\u00a0\u2011]{5,30}")


def mask(text: str) -> tuple[str, int, int]:
    """The text with addresses and numbers replaced, and how many there were of each.

    Phone numbers count if they are written with "+" and have a length that their country uses.
    """
    emails = phones = 0
    if "@" in text:
        text, emails = _EMAIL.subn(EMAIL, text)
    if "+" in text:
        pieces, end = [], 0
        for candidate in _PHONE_CANDIDATE.finditer(text):
            for start, stop in _phones(candidate[0]):
                pieces += [text[end : candidate.start() + start], PHONE]
                end = candidate.start() + stop
                phones += 1
        text = "".join([*pieces, text[end:]])
    return text, emails, phones


def _phones(candidate: str) -> list[tuple[int, int]]:
    from phonenumbers import Leniency, PhoneNumberMatcher

    return [(match.start, match.end) for match in PhoneNumberMatcher(candidate, None, Leniency.POSSIBLE)]
