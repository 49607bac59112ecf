"""Payment card numbers: an issuer's first digits and length (ISO/IEC 7812), printed grouping, and the Luhn digit."""

import re
from collections.abc import Iterator

_ISSUERS = re.compile(
    r"4\d{15}"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14}",  # UnionPay
    re.ASCII,
)
# Groups as on the card, with one kind of separator. Not part of an amount, a path, a parameter or a longer number.
_CANDIDATE = re.compile(
    r"[2-6][0-9]{3}(?<![\w.,/=#&$€£-][0-9]{4})(?<![0-9]{4} [0-9]{4})"
    r"(?:([ -]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}|([ -]?)[0-9]{6}\2[0-9]{4,5})"
    r"(?![\w%€]|[.,]\d|[ -]?[0-9]{4})"
)


def find(text: str) -> Iterator[tuple[int, int]]:
    for candidate in _CANDIDATE.finditer(text):
        digits = re.sub("[ -]", "", candidate[0])
        if _ISSUERS.fullmatch(digits) and _has_luhn_digit(digits):
            yield candidate.span()


def _has_luhn_digit(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
