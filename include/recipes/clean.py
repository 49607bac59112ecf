"""Takes off what a teacher says around a rephrasing: announcements, quotation marks, code fences.

The rule is WRAP's (arXiv 2401.16380, appendix B): drop the leading segment before a blank line or a colon when it
carries a flagged keyword. It is conservative on purpose: what is left over is rejected by the check
``leftover_preamble``, and a rejected row costs less than text cut out of an accepted one.
"""

import re

LONGEST_ANNOUNCEMENT = 300
"""Characters. An announcement is one or two short sentences; a longer lead is text."""

MOST_ANNOUNCEMENTS = 8
"""One behind the other; more is a teacher that runs in circles, and looking at each takes time."""

_FENCE = "```"
_FENCE_LINE = re.compile(r"```[\w-]*[ \t]*\n")
# No single ones: they are apostrophes as well.
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"))
_END = re.compile(r"\n[ \t]*\n|:(?=\s|\Z|\*)")

# Verbose syntax: white space in the patterns means nothing.
_COURTESY = r"(?: sure (?:\s thing)? | certainly | absolutely | of \s course | ok | okay | yes ) \b [^\w\n]*"
_COURTESY_LINE = re.compile(
    r"(?: sure (?:\s thing)? | certainly | absolutely | of \s course ) [!.] [ ]* \n", re.IGNORECASE | re.VERBOSE
)
_OPENER = r"""
    here \s* (?: ['’]s | is | are ) | below \s (?: is | are ) | the \s following | this \s is
    | i (?: ['’]ve | \s have | ['’]ll | \s will ) | as \s (?:you \s)? requested
"""
_KEYWORD = r"""
    paraphras | rephras | re-?writ | re-?wrot | reword | high[- ]quality \s english
    | (?: simplified | simpler | revised | child[- ]friendly | scholarly ) \s (?: version | text | english )
    | version \s of \s (?: the | this | your ) \s (?:\w+ \s)? (?: text | passage | paragraph )
    | (?: based \s on | from | about ) \s (?: the | this | your ) \s (?:\w+ \s)? (?: text | passage | paragraph )
    | questions? \s and \s (?: their \s | the \s )? answers? | q \s? [&/] \s? a \b
"""
_ANNOUNCEMENT = re.compile(
    rf"[\W_]* (?P<courtesy> {_COURTESY} )? (?: (?: {_OPENER} ) \b | (?(courtesy) | (?!) ) ) .* (?: {_KEYWORD} )",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_LABEL = re.compile(
    r"""[\W_]* (?: (?:the \s | my \s)?
        (?:paraphrased | rephrased | rewritten | reworded | simplified | revised)
        (?:\s (?:text | version | passage | paragraph | sentences?))?
        | paraphrase | rephrasing ) [\W_]*""",
    re.IGNORECASE | re.VERBOSE,
)
_INNER_SENTENCE = re.compile(r"[.?]\s+\S")


def clean_output(output: str) -> str:
    """The rephrasing itself: ``output`` without the announcement, quotes or fence around it.

    Empty when nothing but an announcement is there.
    """
    text = output.strip()
    for _ in range(MOST_ANNOUNCEMENTS):
        shorter = _drop_announcement(_unwrap(text))
        if shorter == text:
            break
        text = shorter
    return text


def _unwrap(text: str) -> str:
    """Without a code fence or quotation marks that enclose the whole text."""
    opening_fence = _FENCE_LINE.match(text)
    if opening_fence and text.count(_FENCE) == 2 and text.endswith(_FENCE):
        return text[opening_fence.end() : -len(_FENCE)].strip()
    for opening, closing in _QUOTES:
        inner = text[1:-1]
        # A second mark inside means that the outer two do not belong together ("Yes," he said. "Go.").
        if len(text) > 1 and text[0] == opening and text[-1] == closing and not {opening, closing} & set(inner):
            return inner.strip()
    return text


def _drop_announcement(text: str) -> str:
    if courtesy := _COURTESY_LINE.match(text):
        return text[courtesy.end() :].lstrip()
    end = _END.search(text, 0, LONGEST_ANNOUNCEMENT)
    if end is None:
        return text
    lead = text[: end.start()]
    announcement = _ANNOUNCEMENT.match(lead)
    if announcement is not None:
        said = lead[max(announcement.end("courtesy"), 0) :]
        # A second sentence before the colon is already the text.
        is_announcement = _INNER_SENTENCE.search(said) is None
    else:
        is_announcement = _LABEL.fullmatch(lead) is not None
    return text[end.end() :].lstrip("*_").lstrip() if is_announcement else text
