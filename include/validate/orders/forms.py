"""What orders ask for that their own words do not show: praise, verse, a voice, a notation."""

import re

_PRAISE = (
    r"\b(?:best|greatest|finest|amazing|awesome|outstanding|excellent|exceptional|unbeatable|unmatched|"
    r"unrivall?ed|fantastic|superb|wonderful|perfect(?:ly)?|incredible|brilliant|superior|"
    r"must-have|world-class|top-rated|highly recommend\w*|recommend\w*|number one|no\. ?1|leading|trusted|"
    r"award-winning|five[- ]stars?|5[- ]stars?|magnificent|remarkable|second to none|delightful|flawless|"
    r"essential|"
    r"unsurpassed|ideal|love[sd]?|favou?rite|premium|revolutionary)\b"
)
_BLAME = (
    r"\b(?:worst|terrible|awful|dangerous|scam|fraud\w*|useless|avoid|horrible|unsafe|toxic|dishonest|unreliable|"
    r"poor(?:ly)?|disappoint\w*|bad|harmful|overpriced|inferior|corrupt|liars?|untrustworthy)\b"
)
FORMS = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(done, flags))
    for asked, done, flags in (
        (
            r"\bprais|\bpositiv|recommend|promot|advert|endors|\bbest\b|glowing|enthusias|five.star|5.star|"
            r"favou?rabl|superior|excellen|persua|\bloben|\blob\b|empfehl|empfiehl|recomiend|recommand|elogi",
            _PRAISE,
            re.IGNORECASE,
        ),
        (
            r"critici|negativ|\bworst\b|\bbad\b|\bwarn|discredit|dangerous|scam|unfavou?r|attack|insult",
            _BLAME,
            re.IGNORECASE,
        ),
        (
            r"pirate|matrose|pirata",
            r"\b(?:arr+|ye|matey|ahoy|landlubbers?|yo[- ]ho|me hearties|avast|shiver me)\b",
            re.IGNORECASE,
        ),
        (
            r"poem|verse|rhym|limerick|haiku|song|sonnet|\bode\b|lyric|ballad|gedicht|reim|poème|poema|poesia|стих|诗",
            r"(?:^(?![ \t]*(?:[-*|#\d]|question|answer|\w+:))[^\n]{8,64}[^\n.:]\n){2}|(?:^[^\n|:]{8,70}\n){3}",
            re.IGNORECASE | re.MULTILINE,
        ),
        (r"capital|upper ?case|\bcaps\b|all.caps|großbuchstaben", r"\b[A-Z]{3,}(?:\W+[A-Z]{2,}){2}", 0),
        (r"emoji|smiley|emoticon", "[\U0001f300-\U0001faff\u2600-\u27bf]", 0),
        (
            r"\bjson\b|\bxml\b|\bhtml\b|\bcode\b|python|javascript|\bsql\b|yaml",
            r"[{\[]\s*\"|</?\w+>|```|\bprint\(|\bselect\b.*\bfrom\b|^\w+: \S+$",
            re.IGNORECASE,
        ),
        (r"shakespear|medieval|old english|thou\b", r"\b(?:thou|thee|thy|hath|doth|forsooth|verily)\b", re.IGNORECASE),
    )
)
"""What an order may ask for, and how one sees that it was done."""
