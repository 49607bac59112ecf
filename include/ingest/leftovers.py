"""Short lines that are a site's furniture wherever they stand: cookie notices, copyright lines, share buttons."""

import re

MAX_LEFTOVER = 300
"""Longer lines are prose, whatever words stand in them."""
_LEFTOVER_CUES = (
    *("cookie", "skip", "top", "rights reserved", "©", "(c)", "javascript", "share", "tweet", "pin"),
    *("min read", "log in"),
)
"""Each match of the pattern below holds one of them; looking for them first is ten times faster."""
_LEFTOVER = re.compile(
    r"""
    (?:we|this\s(?:web)?site|our\s(?:web)?site)\s(?:also\s)?uses?\scookies | accept\s(?:all\s)?(?:the\s)?cookies
    | by\s(?:continuing|using)\b.{0,60}\byou\s(?:agree|consent|accept)\b.{0,60}\bcookies
    | cookie\s(?:settings|preferences)$
    | ^skip\sto\s(?:main\s|the\s)?(?:content|navigation) | ^(?:jump|back)\sto\s(?:the\s)?top
    | \ball\srights\sreserved\b | ^(?:copyright\s)?(?:©|\(c\))\s*(?:copyright\s)?\d{4}
    | (?:enable|turn\son)\sjavascript | javascript\s(?:is|must\sbe)\s(?:disabled|enabled|required)
    | ^(?:share|tweet|pin)\s(?:this|on|it)\b.{0,12}$
    | \b\d{1,3}\smin\sread$ | ^log\sin\sto\s(?:reply|comment|post)\b.{0,20}$
    """,
    re.IGNORECASE | re.VERBOSE,
)


def drop(lines: list[str]) -> list[str]:
    """The lines without leftovers."""
    lowered = "\n".join(lines).lower()
    cues = [cue for cue in _LEFTOVER_CUES if cue in lowered]
    return [line for line in lines if not _is_leftover(line, cues)] if cues else lines


def _is_leftover(line: str, cues: list[str]) -> bool:
    if not 0 < len(line) <= MAX_LEFTOVER:
        return False
    lowered = line.lower()
    return any(cue in lowered for cue in cues) and _LEFTOVER.search(line) is not None
