"""What kinds of character the quality signals tell apart: one table for C and for Python, so that both see the same.

The classes are Unicode's where they can be. The sets that decide what counts as a word are those of the tools whose
published thresholds are used, or else the thresholds would mean something else: datatrove 0.10 (``utils/text.py``) for
symbols and sentence ends, spaCy 3.8 (``lang/punctuation.py``, English) for what is cut off a word.
"""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from include import native

LIMIT = 0x40000
"""Planes 0 to 3; beyond are only tags, selectors and private use, which are in no class."""

SPACE = 1 << 0
"""``str.isspace``."""
LINE_END = 1 << 1
"""Where ``str.splitlines`` parts."""
LETTER = 1 << 2
"""``str.isalpha``."""
LOWER = 1 << 3
UPPER = 1 << 4
"""Letters of scripts without case are both."""
DIGIT = 1 << 5
"""0 to 9 only, as in spaCy's rules."""
SYMBOL = 1 << 6
"""datatrove's punctuation: a word of nothing else is none."""
TERMINAL = 1 << 7
"""Ends a sentence (Unicode's Sentence_Terminal, and three Khmer signs)."""
PUNCTUATION = 1 << 8
"""Unicode's category P."""
AFFIX = 1 << 9
"""Cut off at both ends of a word."""
PREFIX = 1 << 10
"""Cut off at its beginning only, with no more conditions."""
QUOTE = 1 << 11
AFTER_STOP = 1 << 12
"""A full stop behind it is cut off, unless a rule for abbreviations knows better."""
CURRENCY = 1 << 13
INFIX = 1 << 14
"""May part a word in the middle."""
HOST = 1 << 15
"""May begin and end a label of a host's name."""

_TERMINAL_RANGES = (
    "21 2E 3F 589 61D-61F 6D4 700-702 7F9 837 839 83D-83E 964-965 104A-104B 1362 1367-1368 166E 1735-1736 "
    "17D4-17D6 17D9-17DA 1803 1809 1944-1945 1AA8-1AAB 1B5A-1B5B 1B5E-1B5F 1B7D-1B7E 1C3B-1C3C 1C7E-1C7F "
    "203C-203D 2047-2049 2E2E 2E3C 2E53-2E54 3002 A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 "
    "AA5D-AA5F AAF0-AAF1 ABEB FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 10F55-10F59 10F86-10F89 11047-11048 "
    "110BE-110C1 11141-11143 111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 1144B-1144C 115C2-115C3 "
    "115C9-115D7 11641-11642 1173C-1173E 11944 11946 11A42-11A43 11A9B-11A9C 11C41-11C42 11EF7-11EF8 11F43-11F44 "
    "16A6E-16A6F 16AF5 16B37-16B38 16B44 16E98 1BC9F 1DA88 "
)
_SYMBOL_RANGES = "0-8 B-1F 21-2F 3A-40 5B-60 7B-9F"
_SYMBOLS = "«´»–—’“”„…∶━►、。〈〉《》「」【】！％（），．１：；？～"
_QUOTES = "'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉⟦⟧"
_CUT_OFF = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪"
_CURRENCY = "$£€¥฿₽﷼₴₠₡₢₣₤₥₦₧₨₩₪₫₭₮₯₰₱₲₳₵₶₷₸₹₺₻₼₾₿"
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_IN_WORDS = "….,+-*^–—~:<>=/"


@cache
def table() -> npt.NDArray[np.uint16]:
    """The classes of each code point below :data:`LIMIT`, ored together."""
    return native.kept_table("characters", _make_table, __file__)


def _make_table() -> npt.NDArray[np.uint16]:
    characters = [chr(code) for code in range(LIMIT)]
    classes = np.array([_of_category(unicodedata.category(character)) for character in characters], np.uint16)
    classes[[character.isspace() for character in characters]] |= SPACE
    for members, bits in (
        (_ranges(_TERMINAL_RANGES), TERMINAL | SYMBOL),
        (_ranges(_SYMBOL_RANGES), SYMBOL),
        (_codes(_SYMBOLS), SYMBOL),
        (_codes(_LINE_ENDS), LINE_END),
        (_codes(_CUT_OFF), AFFIX | AFTER_STOP),
        (_codes(_QUOTES), AFFIX | AFTER_STOP | QUOTE),
        (_codes(_CURRENCY), CURRENCY | PREFIX),
        (_codes("§%=—–"), PREFIX),
        (_codes("0123456789%²-+|"), AFTER_STOP),
        (_codes("0123456789"), DIGIT),
        (_codes(_IN_WORDS), INFIX),
        (_ranges("30-39 41-5A 61-7A A1-FFFF"), HOST),
    ):
        classes[members] |= bits
    classes[(classes & LOWER) > 0] |= AFTER_STOP
    return classes


@cache
def classes_of(character: str) -> int:
    code = ord(character)
    return int(table()[code]) if code < LIMIT else 0


def _of_category(category: str) -> int:
    if category[0] == "L":
        return LETTER | {"u": UPPER, "t": UPPER, "l": LOWER}.get(category[1], LOWER | UPPER)
    if category == "So":  # pictures and dingbats
        return AFFIX | INFIX
    return PUNCTUATION if category[0] == "P" else 0


def _ranges(text: str) -> list[int]:
    bounds = [[int(bound, 16) for bound in part.split("-")] for part in text.split()]
    return [code for bound in bounds for code in range(bound[0], bound[-1] + 1)]


def _codes(text: str) -> list[int]:
    return [ord(character) for character in text]
