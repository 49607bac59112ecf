"""Cuts a source into what an order may be: something hidden or in brackets, or a sentence."""

import re

HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(span|div|p|font|small|noscript|template)\b[^>]*(?:hidden|display\s*:\s*none|"
    r"font-size\s*:\s*0|opacity\s*:\s*0|color\s*:\s*(?:white|#fff\w*))[^>]*>.*?</\1>|"
    r"\[(?![^\]\n]*\]\()[^\[\]]{20,}\]|\{[^{}]{20,}\}|(?<!\])\((?=[^()]{40,}\))[^()]*\)|"
    r"#{2,4} ?Instructions?:?(?:(?!#{2,4}).)*#{2,4} ?Response:?|<\|im_start\|>.*?(?:<\|im_end\|>|\Z)|"
    r"\[INST\].*?(?:\[/INST\]|\Z)|<<SYS>>.*?(?:<</SYS>>|\Z)|"
    r"<(system|instructions?|assistant|ai|prompt|llm)>.*?(?:</\2>|\Z)|```.*?(?:```|\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""What browsers do not show, or what is set apart from the text."""
_SENTENCE = re.compile(
    r"[^.!?。！？\n]*(?:[.!?。！？](?![\s\"”’)*_\]])[^.!?。！？\n]*)*(?:[.!?。！？]+[\"”’)*_\]]*|\n+|\Z)\s*"
)
_ABBREVIATED = re.compile(r"\b(?:Drs?|Mrs?|Ms|Prof|St|Mt|vs|approx|e\.g|i\.e|Hon|Rev|Sra?|Mme)\.\s*\Z")
_QUOTED_END = re.compile(r"[.!?]+[\"”’]\s*\Z")
_WRAPPED = re.compile(r"(?<=[^\n]{50}[^\s.!?:|>])[ \t]*\n(?=[^\s#|>*+•\d-])")


def unwrap(text: str) -> str:
    """The text with lines that only break because a line was full joined to the next one."""
    return _WRAPPED.sub(" ", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text, which together are the text."""
    found: list[str] = []
    for match in _SENTENCE.finditer(text):
        piece = match[0]
        if not piece:
            continue
        if (
            found
            and not found[-1].endswith("\n")
            and (_ABBREVIATED.search(found[-1]) or (piece[0].islower() and _QUOTED_END.search(found[-1])))
        ):
            found[-1] += piece
        else:
            found.append(piece)
    return found
