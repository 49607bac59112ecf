"""The teacher still talks about its task: an announcement, a refusal, its own instruction.

WRAP (arXiv 2401.16380, appendix B) discards a paraphrase in which a flagged keyword is left. A page may itself quote
such words (an article on chat programs), so that marks which the source carries too do not count.
"""

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.rows import Rows, Values

ECHO_WORDS = 6
"""Words of an instruction in a row that count as an echo; shorter runs occur in honest text."""
_FIELD = re.compile(r"\{\w+\}")

# RE2 syntax; each pattern is counted on its own.
MARKS = (
    # announcements that cleaning could not cut off
    r"(?i)\A\W*(?:here(?:['’]s| is| are)|below (?:is|are)|the following|this is|i(?:['’]ve| have|['’]ll| will))\b"
    r"[^\n]{0,120}\b(?:paraphras|rephras|re-?writ|reword|simplified version|version of the)",
    r"(?i)\blet['’]?s (?:re-?write|rephrase|paraphrase|reword|simplify) (?:the|this) (?:text|passage|paragraph)",
    r"(?i)\A\W*(?:sure|certainly|absolutely|of course|okay|ok)(?:!|\W{1,3}(?:here|i)\b)",
    # refusals and the assistant speaking of itself
    r"(?i)\A\W*(?:i['’]?m sorry|i am sorry|sorry|i apologi[sz]e|unfortunately)\W{1,3}(?:but )?(?:i|as an?)\b",
    r"(?i)\bi (?:cannot|can['’]t|am unable to|am not able to|won['’]t) "
    r"(?:fulfil|assist|help|comply|provide|rewrite|rephrase|paraphrase|generate|complete)",
    r"(?i)\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    # speaking of the text instead of giving it
    r"(?i)\b(?:the|this|my) (?:rewritten|paraphrased|rephrased|reworded|simplified) "
    r"(?:text|version|passage|paragraph)\b",
    r"(?i)\b(?:the text above|the above text|the (?:original|given|provided) (?:text|passage|paragraph))\b",
    r"(?i)\bhigh[- ]quality english\b",
    # closing courtesies and chat markup
    r"(?i)\b(?:i hope (?:this|that) helps|let me know if you)\b[^\n]{0,100}\s*\z",
    r"<\|[a-z_]+\|>|(?mi:^(?:user|assistant|system)\s*:)",
)


@lru_cache
def _echo(prompts: tuple[str, ...]) -> str:
    """A pattern for any ECHO_WORDS words of a prompt in a row; fields in braces are not its own words."""
    runs: dict[str, None] = {}
    for part in (part for prompt in prompts for part in _FIELD.split(prompt)):
        words = re.findall(r"\w+", part)
        runs |= dict.fromkeys(r"\W+".join(words[i : i + ECHO_WORDS]) for i in range(len(words) - ECHO_WORDS + 1))
    # Without a run there is nothing to echo: a class that matches no character.
    return rf"(?i)\b(?:{'|'.join(runs)})\b" if runs else r"[^\x00-\x{10FFFF}]"


def _count(text: pa.Array, source: pa.Array, pattern: str) -> Values:
    """Matches in ``text``, 0 where ``source`` has one too."""
    found: Values = pc.count_substring_regex(text, pattern).to_numpy(zero_copy_only=False).astype(np.float64)
    hits = np.flatnonzero(found)
    if len(hits):
        quoted = pc.match_substring_regex(source.take(pa.array(hits)), pattern).to_numpy(zero_copy_only=False)
        found[hits[quoted]] = 0
    return found


def measure(rows: Rows) -> Values:
    """Marks in the output that its source does not carry."""
    total = np.zeros(len(rows))
    for pattern in MARKS:
        total += _count(rows.text, rows.source, pattern)
    for index, recipe in enumerate(rows.recipes):
        of_recipe = np.flatnonzero(rows.recipe_of_row == index)
        taken = pa.array(of_recipe)
        echo = _echo((recipe.system, *(step.instruction for step in recipe.steps)))
        total[of_recipe] += _count(rows.text.take(taken), rows.source.take(taken), echo)
    return total


CHECK = Check("leftover_preamble", measure, lambda params, recipe: NONE_AT_ALL)
