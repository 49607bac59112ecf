"""The output repeats its instruction or system prompt, or holds the markup and fields of a chat or prompt template."""

import re
from functools import lru_cache

import numpy as np
import pyarrow as pa

from include.recipes.recipe import Recipe
from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.marks import Marks, matching, said
from include.validate.rows import Rows, Values

ECHO_WORDS = 6
"""Words of an instruction in a row that count as an echo; shorter runs occur in honest text."""
SENTENCE_WORDS = 5
"""A whole sentence of an instruction may be that short."""
_FIELD = re.compile(r"\{\w+\}")

MARKS = Marks(
    (
        # Markup of chat templates: ChatML, Llama 2 and 3, Mistral, Gemma, Phi, DeepSeek, Alpaca, Vicuna.
        r"<\|[a-z_]{2,30}\|>|</?s>|\[/?(?:INST|SYS|SYSTEM_PROMPT|AVAILABLE_TOOLS)\]|<</?SYS>>|<(?:start|"
        r"end)_of_turn>|</?(?:bos|eos|think|thinking|system|instructions?)>|<｜",
        r"(?:\n|\A)\s*#{1,4}\s*(?:instructions?|response|input|human|assistant|user|system)\s*:?\s*(?:\n|$)",
        r"(?:\n|\A)[ \t*_]*(?:user|human|system)[*_ ]*:",
        # Fields of a template that nobody filled.
        r"\{\{?\s*(?:text|piece|written|genre|audience|document|input|instruction|prompt|context|source)\s*\}?\}",
        r"\[(?:insert|your|add|enter)\b[^\]\n]{0,40}\]|<(?:insert|your)\b[^>\n]{0,40}>",
        # Instructions told again.
        r"\byou are (?:an?|the) (?:helpful |ai |intelligent )?(?:ai|assistant|language model|rewriting)\b",
        r"\b(?:my|your|the|these|system) (?:system |original |full |initial )?(?:instructions?|prompt|task|"
        r"orders) (?:are|is|were|was|said|says?|states?|reads?|asked|asks|"
        r"tells?|told)\b[^.!?\n]*\b(?:re-?wr[io]t\w*|rephrase|paraphrase|render|text|answer|reply|summari[sz]e)\b",
        r"(?:\A|\n|[.!?]\s)[\W_]*(?:re-?write|rephrase|paraphrase|summari[sz]e|simplify|convert) (?:the|"
        r"this) (?:following |above |given |provided |original )?(?:text|passage|paragraph|excerpt|document)\b",
    )
)
_ASSISTANT = r"(?i)(?:\n|\A)[ \t*_]*(?:ai )?assistant[*_ ]*:"
_SPEAKERS = re.compile(r"^[ \t*_]*([A-Z][\w. -]{0,30}?)[*_ ]*:", re.MULTILINE)


@lru_cache
def _echo(recipe_prompts: tuple[str, ...]) -> Marks:
    """Any ECHO_WORDS words of a prompt in a row, and its short sentences; fields in braces are not its own words."""
    runs: dict[str, None] = {}
    for part in (part for prompt in recipe_prompts for part in _FIELD.split(prompt)):
        words = re.findall(r"\w+", part)
        runs |= dict.fromkeys(r"\W+".join(words[i : i + ECHO_WORDS]) for i in range(len(words) - ECHO_WORDS + 1))
        for sentence in re.split(r"[.:]\s", part):
            words = re.findall(r"\w+", sentence)
            if len(words) == SENTENCE_WORDS:
                runs[r"\W+".join(words)] = None
    # Without a run there is nothing to echo: a class that matches no character.
    return Marks((rf"\b(?:{'|'.join(runs)})\b",))


def _prompts(recipe: Recipe) -> tuple[str, ...]:
    return (recipe.system, *(step.instruction for step in recipe.steps))


def measure(rows: Rows) -> Values:
    """Echoes of the recipe's prompts and marks of templates in all that the teacher says."""
    texts = said(rows)
    total = MARKS.count(texts, rows.source)
    for index, recipe in enumerate(rows.recipes):
        of_recipe = np.flatnonzero(rows.recipe_of_row == index)
        taken = pa.array(of_recipe)
        total[of_recipe] += _echo(_prompts(recipe)).count(texts.take(taken), rows.source.take(taken))
    for row in matching(texts, _ASSISTANT):
        text, source = texts[int(row)].as_py(), rows.source[int(row)].as_py()
        total[row] += _is_chat(text) and not re.search(_ASSISTANT, source)
    return total


def _is_chat(text: str) -> bool:
    """Whether "Assistant:" is a role of a chat, not one of two speakers in a dialogue in a shop."""
    speakers = {name.lower() for name in _SPEAKERS.findall(text)}
    return len(speakers - {"assistant", "ai assistant", "question", "answer"}) == 0


CHECK = Check("prompt_leak", measure, NONE_AT_ALL)
