"""Orders in wordings that no pattern foresees: a sentence with several signs of one, none of which tells by itself."""

import re

from include.validate.orders.english import MODEL, REWRITES

ENOUGH = 4
"""Points of a sentence, or of two in a row, that make it an order."""

# Without one of these there is no order: whom it is for, or the task that it wants to replace.
_TO_WHOM = re.compile(
    rf"\b{MODEL}\b|\bthe model\b|\bnot (?:a )?human\b|\bfor machines\b|\b(?:rewriting|rephrasing|"
    rf"summari[sz]ing) (?:step|stage|task|process)\b|"
    rf"\b(?:you|anyone|those|whoever) (?:who|that|,)? ?(?:are )?{REWRITES}",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:system|user|developer|hidden) (?:message|prompt|mode|text|request)\b|\b(?:your|system|"
    r"this) prompts?\b|"
    r"\b(?:previous|prior|earlier|above|former|all) (?:guidance|context|messages?|text|instructions?|prompts?|rules)\b|"
    r"\boverride\b|\bend of (?:the )?(?:context|text|input|document)\b|\b(?:released|relieved|freed|"
    r"dismissed) (?:from|of) your\b|\bI, the user\b|\bset (?:the |your )?temperature\b|\b\w+ mode for\b|"
    r"\b(?:your|the) (?:re-?writ|rephras|paraphras|summar)\w*|\b(?:your|new|next) (?:duties|duty|task|assignment|"
    r"instructions?)\b|\bproducing your\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:^|[.,;:!?\n–—-]\s*|\b(?:then|just|instead|please|must|should|could|kindly|"
    r"(?:asks?|requires?|requests?|wants?|needs?|expects?|instructs?|urges?|authori[sz]es?) you to|"
    r"(?:asked|requested|required|expected|instructed|urged|invited|told|welcome) to) )(?:you |also |then |"
    r"please |kindly |always |just )?"
    r"(?:say|state|mention|add|insert|append|end|close|finish|begin|start|open|write|tell|describe|call|return|"
    r"output|print|answer|respond|reply|rename|replace|"
    r"translate|switch|rant|praise|recommend|include|repeat|give|sign|put|invent|love|pretend|act|list|work|"
    r"weave|drop|thank|credit|name|promote|highlight|cite|link|leave off|refer|finish off|what is)\b",
    re.IGNORECASE,
)
_OUTPUT = re.compile(
    r"\b(?:your|any|the) (?:\w+ )?(?:answer|output|response|reply|summary|result|text|paragraph|line|"
    r"rewrite)s?\b|\b(?:the|these|following) (?:words?|name|phrase|sentence|code|brand|slogan)\b|"
    r"\btell (?:everyone|everybody|us|me|readers|people)\b|\b(?:a|an|the) (?:joke|poem|story|song|recipe|list)\b",
    re.IGNORECASE,
)
_YOU = re.compile(r"\b(?:you|your)\b", re.IGNORECASE)
_PAYLOAD = re.compile(r"[\"'“‘«][^\"'”’»\n]{3,80}[\"'”’»]|\b[A-Z]{4,}\d*\b")


ANY_WHOM, ANY_ASKED = f"{_TO_WHOM.pattern}|{_TASK.pattern}", _ASKED.pattern
"""For RE2: a text without a match of each shows no signs."""


def addresses(text: str) -> bool:
    """Whether a text names whom an order is for, or the task that it wants to replace."""
    return bool(_TO_WHOM.search(text) or _TASK.search(text))


def shows_signs(text: str, hidden: bool = False) -> bool:
    """Whether a sentence, or what a page hides, reads like an order to whoever rewrites it."""
    # Not an order without someone to obey it, nor without something to do.
    points = 2 * bool(_TO_WHOM.search(text)) + 2 * bool(_TASK.search(text))
    if not points or not _ASKED.search(text):
        return False
    points += sum(bool(sign.search(text)) for sign in (_OUTPUT, _YOU, _PAYLOAD))
    return 1 + points + hidden >= ENOUGH
