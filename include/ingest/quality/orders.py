"""Texts that give a language model orders: they must not reach a teacher."""

import re

STEP = 40
# Each match of the pattern below holds one of them; looking around them only is six times faster.
_ORDER_CUES = (
    *("ignore", "disregard", "forget", "override", "bypass", "system prompt", "hidden instr", "initial instr"),
    *("language model", "chatbot", "llm", " ai ", " ai:", " ai,", " ais", "<|"),
)

_ORDERS = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override|bypass)\s+(?:(?:all|any|every|each|of|the|your|my|these|those)\s+){0,4}
      (?:previous|prior|above|earlier|preceding|foregoing|former|existing|system)\s+
      (?:(?:and|or|system|given|safety)\s+){0,2}(?:instructions?|prompts?|directions?|commands?|directives?|guidelines?)\b
    | \b(?:reveal|print|show|repeat|output|leak)\s+(?:me\s+)?(?:the|your)\s+
      (?:(?:full|hidden|initial|original)\s+)?(?:system\s+prompt|hidden\s+instructions|initial\s+instructions)\b
    | \b(?:if\s+you\s+are|attention,?|note\s+to|dear)\s+(?:an?\s+|any\s+|all\s+)?
      (?:ai|llm|(?:large\s+)?language\s+model|ai\s+(?:assistant|model|system)|chatbot)s?\s*[,:]
    | \b(?:ai|llm|(?:large\s+)?language\s+model)s?\s+(?:reading|processing|summari[sz]ing|rephrasing)\s+this\s+
      (?:page|text|document|article)\b
    | <\|(?:im_start|im_end|system|user|assistant|endoftext)\|>
    """,
    re.VERBOSE,
)
"""On text in lower case with single spaces."""


def find_orders(text: str) -> str | None:
    """The words with which a text gives a language model orders, or None. Narrow: it must not hit prose."""
    flat = f" {' '.join(text.lower().split())}"
    for cue in _ORDER_CUES:
        place = flat.find(cue)
        while place >= 0:
            # Wide enough for the longest order, also around a cue among the next STEP characters.
            match = _ORDERS.search(flat, max(0, place - 100), place + 200)
            if match:
                return match[0]
            place = flat.find(cue, place + STEP)
    return None
