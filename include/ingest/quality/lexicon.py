"""English words that the rules for parting words must not touch, or part in their own way (spaCy 3.8's list)."""

from functools import cache
from itertools import product
from string import ascii_lowercase

_UNITS = (
    "km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h kmh mph hPa Pa "
    "mbar mb MB kb KB gb GB tb TB T G M K %"
)
LONGEST_SPECIAL = 12
"""Characters; nothing longer is looked up."""

_ABBREVIATIONS = (
    "a.m. p.m. Adm. Bros. co. Co. Corp. D.C. Dr. e.g. E.g. E.G. Gen. Gov. i.e. I.e. I.E. Inc. Jr. Ltd. Md. Messrs. "
    "Mo. Mont. Mr. Mrs. Ms. Ph.D. Prof. Rep. Rev. Sen. St. vs. v.s. Mt. Ak. Ala. Apr. Ariz. Ark. Aug. Calif. Colo. "
    "Conn. Dec. Del. Feb. Fla. Ga. Ia. Id. Ill. Ind. Jan. Jul. Jun. Kan. Kans. Ky. La. Mar. Mass. Mich. Minn. Miss. "
    "N.C. N.D. N.H. N.J. N.M. N.Y. Neb. Nebr. Nev. Nov. Oct. Okla. Ore. Pa. S.C. Sep. Sept. Tenn. Va. Wash. Wis. ä. "
    "ö. ü. and/or w/o C++ :) ): :( ' '' 'S 's 'd 'll 're 'em 'nuff 'Cause 'cause 'cos 'Cos 'coz 'Coz 'cuz 'Cuz "
    "'bout ma'am Ma'am o'clock O'clock doin' goin' nothin' nuthin' ol' somethin' lovin' havin' Doin' Goin' Nothin' "
    "Nuthin' Ol' Somethin' Lovin' Havin' "
)
_PIECES = (
    "y'|all y|all how|'d|'y How|'d|'y not|'ve not|ve Not|'ve Not|ve can|not Can|not gon|na Gon|na got|ta Got|ta let|'s "
    "Let|'s c'm|on C'm|on I|'ma I|ma i|'ma i|ma"
)
UNITS = frozenset(_UNITS.split())
"""Cut off a number in front of them."""
_STEMS = (
    "i you he she it we they",
    "who what when where why how there that this",
    "these those",
    "ca could do does did had may might must need ought sha should wo would",
    "ai are is was were have has dare",
    "could might must should would",
)
_NO_CONTRACTIONS = {"ill", "its", "hell", "shell", "shed", "were", "well", "whore"}


@cache
def specials() -> dict[str, tuple[str, ...]]:
    """Words that are not parted by the rules, with the pieces they have instead."""
    letters = [f"{letter}." for letter in ascii_lowercase]
    found: list[tuple[str, ...]] = [(word,) for word in _ABBREVIATIONS.split() + letters]
    found += [tuple(word.split("|")) for word in _PIECES.split()]
    found += [(str(hour), period) for hour in range(1, 13) for period in ("a.m.", "am", "p.m.", "pm")]
    found += _contractions()
    # What is written with a straight apostrophe may be written with a typographic one.
    found += [tuple(piece.replace("'", "’") for piece in pieces) for pieces in found]
    return {"".join(pieces): pieces for pieces in found if len("".join(pieces)) <= LONGEST_SPECIAL}


def _contractions() -> list[tuple[str, ...]]:
    """``he'll`` and the like, each also without its apostrophe (``dont``), and with a capital."""
    persons, asking, plural, full, bare, past = (group.split() for group in _STEMS)
    stems = [(word, end) for word in persons + asking + plural for end in ("'ll", "'ll've", "'d", "'d've")]
    stems += [("i", "'m")]
    stems += [(word, "'ve") for word in ["i", "you", "we", "they", *asking, *plural] if word not in ("that", "this")]
    stems += [(word, "'re") for word in ["you", "we", "they", *asking, *plural] if word not in ("that", "this")]
    stems += [(word, "'s") for word in ["he", "she", "it", *asking]]
    stems += [(word, end) for word in full for end in ("n't", "n't've")]
    stems += [(word, "n't") for word in bare]
    stems += [(word, "'ve") for word in past]
    found = []
    for (word, end), capital, apostrophe in product(stems, (False, True), (True, False)):
        ends = [end] if end in ("n't", "'ve") or not end.endswith("'ve") else [end[:-3], "'ve"]
        pieces = [word.title() if capital else word, *ends]
        if not apostrophe:
            pieces = [piece.replace("'", "") for piece in pieces]
        if "".join(pieces).lower() not in _NO_CONTRACTIONS:
            found.append(tuple(pieces))
    return found
