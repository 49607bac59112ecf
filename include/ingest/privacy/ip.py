"""Public IP addresses; those of private networks, documentation and loopback say nothing about anyone."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_V4_TAIL = re.compile(r"\.(?<=[0-9]\.)[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![\w%]|[.,-]\w)")
_V4_HEAD_BACKWARDS = re.compile(r"([0-9]{1,3})(?:\Z|(?!-?\w|[.,/])|//)")
_VERSION = re.compile(
    r"(?:\bv|\bver|version|release|build|firmware|driver|update|section|chapter|clause|article|§)\.?s?[\s:=#]*$",
    re.IGNORECASE,
)
MIN_LARGEST_NUMBER = 64
"""Versions and numbered headings (1.2.3.4) are made of small numbers; only one public address in 256 is: (64/256)^4."""
_V6_MIDDLE = re.compile(r":[0-9a-fA-F]{0,4}:")
_V6 = re.compile(r"[0-9a-fA-F:]{2,39}(?:(?<=::)|(?<!:))(?!\w|:[\w:])")
_V6_BACKWARDS = re.compile(r"[0-9a-fA-F:]{0,39}(?![\w:.])")


def find(text: str) -> Iterator[tuple[int, int]]:
    yield from _find_v4(text)
    yield from _find_v6(text)


def _find_v4(text: str) -> Iterator[tuple[int, int]]:
    for tail in _V4_TAIL.finditer(text):
        head = _V4_HEAD_BACKWARDS.match(text[max(0, tail.start() - 5) : tail.start()][::-1])
        if head:
            start = tail.start() - len(head[1])
            address = text[start : tail.end()]
            if _is_public_v4(address) and not _VERSION.search(text[max(0, start - 24) : start]):
                yield start, tail.end()


def _is_public_v4(address: str) -> bool:
    try:
        return IPv4Address(address).is_global and max(map(int, address.split("."))) >= MIN_LARGEST_NUMBER
    except AddressValueError:  # a part above 255, or with leading zeros
        return False


def _find_v6(text: str) -> Iterator[tuple[int, int]]:
    done = 0
    for middle in _V6_MIDDLE.finditer(text):
        if middle.start() < done:
            continue
        before = text[max(0, middle.start() - 40) : middle.start()][::-1]
        head = _V6_BACKWARDS.match(before)
        whole = _V6.match(text, middle.start() - head.end()) if head else None
        if whole and _is_public_v6(whole[0]):
            yield whole.span()
            done = whole.end()


def _is_public_v6(address: str) -> bool:
    try:
        # 2000::/3 is all that has been given out (IANA); it leaves out "a::b" of programming languages.
        return int(IPv6Address(address)) >> 125 == 1 and IPv6Address(address).is_global
    except AddressValueError:
        return False
