"""The teacher refuses, or says as an assistant what it is, cannot do or would need.

Small and aligned teachers do so where a page tells of harm, medicine, law or persons, or is short; also in the place of
an answer or a solution. A page on chat programs or apologies says such things itself: what the source says does not
count.
"""

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.marks import Marks, said
from include.validate.rows import Rows, Values

_NOT = (
    r"(?:cannot|can['’]?t|can not|could not|couldn['’]t|won['’]?t|will not|am unable to|am not able to|"
    r"must decline to|am not (?:allowed|permitted) to)"
)
_I_CANNOT = rf"(?:I (?:\w+ )?{_NOT}|I['’]m (?:\w+ )?(?:unable|not able|not allowed|not permitted) to)"
_TASK = (
    r"(?:fulfil+|assist|help (?:you )?(?:with|create|write|turn)|help you\b|comply|provide|re-?write|rephrase|"
    r"paraphrase|generate|complete|"
    r"create|produce|process|summari[sz]e|simplify|convert|transform|restate|extract|turn (?:this|the|that)|"
    r"make (?:up )?(?:a|any|the|questions)|take the|write (?:a|an|about|this|the|that|any|such)|answer (?:this|"
    r"that|the|your|any)|"
    r"do (?:that|this|so)|continue with|proceed|engage|discuss|offer (?:any |legal |medical )?(?:advice|guidance)|"
    r"give (?:you )?(?:any |legal |medical )?(?:advice|an answer)|form(?:ulate)? (?:a|any) question|access|"
    r"see (?:any|the) text|browse)"
)
_TEXT = r"(?:text|passage|article|document|input|paragraph|excerpt|source|content)"
_GIVEN = r"(?:given |provided |original |source |input )?"

MARKS = Marks(
    (
        rf"\b{_I_CANNOT} (?:\w+ )?{_TASK}",
        r"\bas (?:an?|your) (?:\w+ )?(?:ai|a\.i\.|artificial intelligence|language model|chat ?bot|"
        r"virtual assistant)\b",
        r"\bI(?:['’]m| am) (?:just |only |simply |merely )?an? (?:\w+ )?(?:ai|language model|chat ?bot|"
        r"virtual assistant)\b",
        r"\A\W*(?:I['’]?m|I am) (?:so |very |really |truly )?(?:sorry|afraid)\b[^.!?\n]*\b(?:I|text|request)\b",
        r"\A\W*(?:sorry|I apologi[sz]e|my apologies|apologies|unfortunately|regrettably)\W{1,3}(?:but )?(?:for|I|"
        r"as an?|this|the text)\b",
        r"\bI(?:['’]m| am) (?:really |very |so )?(?:sorry|afraid)\b[^.!?\n]*\b(?:text|passage|request|question|"
        r"information|answer)\b",
        r"\bI(?:['’]m| am) not (?:really |entirely )?comfortable (?:with )?(?:\w+ing|this|that)\b",
        r"\bI (?:\w+ )?(?:decline|refuse) to (?:re-?write|rephrase|answer|create|write|provide|produce|turn)\b|"
        r"\bI (?:must|have to) (?:respectfully )?decline\b",
        r"\bI(?:['’]d| would) be (?:happy|glad|pleased) to (?:help|assist|provide|talk|discuss|offer|try|"
        r"re-?write|write)\b",
        r"\bI understand that you (?:would like|want|need|are asking|asked|['’]d like)\b",
        r"\bI (?:do not|don['’]t) (?:have|see|possess) (?:\w+ )?(?:enough|sufficient|access|the ability|"
        r"any (?:text|information|details)|a text|the text|"
        r"information|personal (?:opinions|experiences|feelings))\b",
        r"\bI (?:would )?need (?:to see |to have |you to )?(?:more|additional|further|the|a|"
        r"your) (?:\w+ ){0,2}(?:text|information|context|details|sources?|passage|input)\b",
        r"\b(?:my|our) (?:content |safety |ethical |usage )?(?:guidelines|programming|training data|"
        r"knowledge cut-?off|content policy|safety policy)\b",
        r"\b(?:against|violates?|violating) (?:my|our|the|openai['’]s) (?:\w+ )?(?:guidelines|policy|policies|"
        r"programming|terms of use)\b",
        rf"\b(?:please|kindly|could you|can you) (?:please )?(?:provide|paste|share|supply|send|give)(?: me|"
        rf" us)?(?: with)? (?:the|a|an|your|more|another|some|additional|further) "
        rf"(?:\w+ ){{0,2}}(?:{_TEXT}|information|context|details)\b",
        r"\b(?:you can|you could|you may) (?:give|send|provide|share)(?: me| us)?(?: with)? (?:another|"
        r"a different|more|the full) (?:\w+ )?(?:text|passage|information|article)\b",
        rf"\b(?:the|this|that|your) {_GIVEN}{_TEXT}(?: \w+)? (?:does not|doesn['’]t|do not|did not|didn['’]t|"
        rf"fails to|provides? no|contains? no|gives? no|offers? no|lacks|"
        r"has no|is too short|is incomplete|is empty|seems? to be (?:in)?complete|appears? to be (?:incomplete|"
        r"empty|cut))[^.!?\n]*",
        rf"\b(?:not|never) (?:explicitly |directly |specifically |clearly )?(?:stated|specified|mentioned|"
        rf"provided|given|disclosed|described|explained|included) (?:in|by) the {_GIVEN}{_TEXT}\b",
        r"\bthere (?:is|was|are) (?:no|not enough|insufficient) (?:text|information|context|content|"
        r"details?)\b[^.!?\n]*\b(?:text|passage|provided|given|rewrite|rephrase|answer|question)",
        r"\bno (?:text|passage|content|input) (?:was|has been|is|to be) (?:provided|given|supplied|rewritten|"
        r"included)\b",
        r"\b(?:it is|it['’]s|it would be) (?:not possible|impossible|not appropriate|inappropriate|"
        r"unethical) (?:for me )?to (?:re-?write|rephrase|create|generate|produce|"
        r"provide|answer|turn|make|extract|write|determine)\b[^.!?\n]*\b(?:text|passage|request|question|list|"
        r"table|problem|content|information|advice)",
        rf"\b(?:this|the) {_GIVEN}(?:{_TEXT}|request|task|question) (?:cannot|can['’]t|can not|"
        rf"could not) be (?:re-?written|rephrased|paraphrased|summari[sz]ed|turned|converted|fulfilled|completed|"
        rf"answered|used)\b",
        r"(?:\n|\A)[\W_]*(?:answer|a|solution)\W{1,4}(?:n/?a\b|none given|not (?:specified|mentioned|stated|"
        r"provided|given|available|applicable)\b|no (?:answer|information)\b|unknown\.?\s*(?:\n|$))",
    )
)
"""First person with its task, what an assistant is, what it asks for, and what it says that a text lacks."""


def measure(rows: Rows) -> Values:
    """Marks of a refusal in all that the teacher says."""
    return MARKS.count(said(rows), rows.source)


CHECK = Check("refusal", measure, NONE_AT_ALL)
