"""The teacher talks about its task: it announces its text, says behind it what it has done, or offers more.

WRAP (arXiv 2401.16380, appendix B) discards a paraphrase in which a flagged keyword is left. Such talk also stands in
the last answer or item. Marks which the source carries too do not count: a page may itself be on rewriting.
"""

from include.validate.checks.check import NONE_AT_ALL, Check
from include.validate.marks import Marks, said
from include.validate.rows import Rows, Values

_APOSTROPHE = "['’]"
_REST = r"[^.!?\n]*\b"
_MADE = (
    r"(?:kept|keep|preserved?|retained?|maintained?|shortened?|simplif(?:y|ied)|condensed?|rephrased?|reworded|"
    r"re-?wr[io]te|"
    r"re-?written|paraphrased?|changed?|adjust(?:ed)?|corrected|removed?|omit(?:ted)?|left out|leave out|added|"
    r"replaced?|"
    r"restructured|reorgani[sz]ed|rearranged|organi[sz]ed?|sorted|turned?|converted?|transformed?|made|ensured?|"
    r"avoid(?:ed)?|"
    r"focus(?:s?ed)?|included?|excluded?|combined?|merged|split|broken?|tried|aimed|attempted|used?|written|"
    r"wrote|created?|"
    r"prepared|provided?|read|gone through|reviewed|analy[sz]ed|privileged|followed|adapted|modified|"
    r"summari[sz]ed|listed|"
    r"extracted|covered|formatted|structured|highlighted|refined|polished|streamlined|clarified|tailored|"
    r"produced|composed)"
)
_REWRITING = r"(?:re-?wr[io]t\w*|paraphras\w*|rephras\w*|reword\w*)"
_TEXT = r"(?:text|passage|paragraph|excerpt)"
_MATTER = (
    rf"(?:{_TEXT}s?|versions?|facts?|(?:all|key|every|any|main|important|essential|"
    rf"original) (?:\w+ )?(?:information|details?|points?|figures|"
    rf"names|dates|content)|wording|sentences?|sentence structure|tone|vocabulary|the original|{_REWRITING}|"
    rf"meaning|register|phrasing|"
    r"quotation|everything essential|(?:forum |blog )?post into|questions (?:from|about|and)|as requested|"
    r"you asked|clarity|readability|"
    r"empirical|diction|the (?:amounts|costs|names|dates|numbers|figures|examples?))"
)
_OWN = (
    r"(?:re-?written|paraphrased|rephrased|reworded|simplified|revised|shortened|condensed|improved|edited|"
    r"adapted|polished|"
    r"reformulated|restructured|shorter|simpler)"
)
_PIECE = (
    r"(?:version|text|passage|paragraph|rewrite|re-?writing|paraphrase|rephrasing|rendition|summary|part|piece|"
    r"retelling|adaptation)"
)
_KEEPS = (
    r"(?:keeps?|preserves?|retains?|maintains?|captures?|covers?|conveys?|uses?|should|aims?|follows?|adheres?|"
    r"stays?|remains?|"
    r"includes?|reflects?|meets?|simplifies|condenses|(?:is|are|was|were) (?:based|written|meant|designed|taken|"
    r"tailored|intended)|has been|have been)"
)
_MAIN = (
    r"(?:facts?|original|information|details|essential|meaning|points|style|tone|audience|readers?|instructions?|"
    r"requirements?|"
    rf"{_TEXT}|source|language|concepts|aspects|clear|requested|need)"
)
_MORE = (
    r"(?:more|changes?|adjust\w*|version|like|needs?|questions?|help|text|other|want|prefer|format|shorter|"
    r"longer|revis\w*|edit\w*|"
    r"modif\w*|anything|assist\w*|further|different|additional|columns?|feedback|think)"
)

MARKS = Marks(
    (
        # In front.
        rf"\A\W*(?:here(?:{_APOSTROPHE}s| is| are| comes)|below (?:is|are)|the following|this is|"
        rf"what follows)\b{_REST}"
        rf"(?:{_REWRITING}|simplified version|version of the|summary of the|(?:based on|of|from|about) (?:the|"
        rf"this|your) (?:\w+ )?{_TEXT}|"
        r"(?:as |you )?requested|you asked|for you(?:r (?:readers|audience))?\b)",
        rf"\blet{_APOSTROPHE}?s (?:{_REWRITING}|simplify|summari[sz]e|turn|break) (?:the|this) (?:text|passage|"
        rf"paragraph|article)",
        r"\A\W*(?:(?:sure|certainly|absolutely|of course|okay|ok|alright|all right)(?:!|\W{1,3}(?:here|i)\b)|"
        r"(?:certainly|absolutely|understood|got it|no problem|gladly|with pleasure|great question)[.!])",
        rf"\A\W*(?:okay|ok|alright|all right|so|first|now|hmm)\b{_REST}(?:genre|audience|{_TEXT}|user|task|"
        rf"re-?write|instructions?)\b[^.!?\n]*"
        r"\b(?:i|we|is|asks?|wants?|should)\b",
        rf"\A\W*(?:what a|this is (?:such )?an?) (?:\w+ )?(?:fun|great|interesting|fascinating|wonderful|lovely|"
        rf"nice) (?:topic|{_TEXT}|task|request|article|read)\b",
        rf"\bthe user{_REST}(?:wants|asks|asked|needs|requests?|requested|provided|gave|"
        rf"is asking)\b{_REST}(?:{_TEXT}|{_REWRITING}|article|"
        r"questions?|list|table|tutorial|me|genre|version)\b",
        rf"\b(?:I|we) (?:need|have|am supposed|was asked|were asked) to (?:\w+ )?(?:{_REWRITING}|summari[sz]e|"
        rf"simplify|turn|keep|create|write|list|extract|produce)\b{_REST}"
        rf"(?:{_MATTER}|genre|audience|questions?|article|table|tutorial)\b",
        rf"\b(?:I|we) (?:should|must|will|can|{_APOSTROPHE}ll) (?:now |also |then )?(?:use|write|keep|"
        rf"{_REWRITING}|leave out|start|begin|include|avoid|make sure|turn|create|focus)\b"
        rf"{_REST}(?:{_MATTER}|genre|audience|spoken tone|headings?|short sentences)\b",
        # What it did.
        rf"\bI(?:{_APOSTROPHE}ve| have| did| do)?(?: (?:also|only|just|carefully|then|now|mainly|mostly|"
        rf"deliberately|intentionally|"
        rf"slightly|(?:have )?(?:tried|aimed|attempted|made sure|taken care|strived|"
        rf"endeavou?red) to))* {_MADE}\b{_REST}{_MATTER}\b",
        rf"\b(?:in )?(?:composing|re-?writing|rephrasing|paraphrasing|simplifying|condensing|preparing|"
        rf"creating) (?:the|this|these)\b{_REST}I\b",
        rf"\b(?:the|this|my|these|that) {_OWN} {_PIECE}s?\b",
        rf"\b(?:this|my|the above|above) (?:{_PIECE}|article|list|table|tutorial|dialogue|letter|story|summary|"
        rf"set of questions) {_KEEPS}\b{_REST}{_MAIN}\b",
        rf"\b(?:these|the above) (?:questions?|answers?|pairs|steps|items|points|facts|sentences|paragraphs|"
        rf"rows)(?: and answers)? {_KEEPS}\b{_REST}{_MAIN}\b",
        rf"\b(?:all|the|every|each)(?: of the)? (?:\w+ ){{0,2}}(?:facts?|details?|names|numbers|figures|dates|"
        rf"information|points|meaning)\b{_REST}"
        r"(?:been|were|was|are|is|remain(?:s|ed)?) (?:\w+ )?(?:kept|preserved|retained|maintained|left|unchanged|"
        r"intact|included|covered)\b",
        r"\bno (?:new |additional |other |extra )?(?:information|facts?|details?|content)\b[^.!?\n]* (?:added|"
        r"removed|changed|invented|omitted|lost|left out)\b",
        rf"\b(?:the )?(?:tone|wording|register|vocabulary|sentence structures?|phrasing) (?:was|were|has been|"
        rf"have been|is) (?:\w+ )?(?:{_MADE}|varied)\b",
        r"\bwithout (?:adding|inventing|losing|changing|altering|omitting) (?:any )?(?:of the )?(?:new |"
        r"original |additional |essential |key )?(?:information|facts?|details?|meaning)\b",
        rf"\b(?:{_TEXT} above|above {_TEXT}|(?:original|given|provided|source|input) {_TEXT})\b",
        # Speaking of the text instead of giving it.
        rf"\A\W*(?:this|the) {_TEXT} (?:contains|describes|explains|discusses|provides|talks about|is about|"
        r"mentions)\b",
        r"\bhigh[- ]quality english\b",
        r"\bas (?:you )?(?:requested|instructed)\b|\bas you asked\b|\b(?:as )?per (?:your|the) (?:request|"
        r"instructions?|guidelines|requirements)\b|"
        r"\b(?:in line|in accordance|in compliance|according) (?:with|to) (?:your|the given) (?:instructions?|"
        r"request|requirements)\b",
        rf"(?:\n|[.!?]\s|\A)[\W_]*(?:note|nb|n\.b|disclaimer|please note|explanation|editor{_APOSTROPHE}s note|"
        rf"remarks?|comments?)\b\W{{1,4}}{_REST}"
        rf"(?:{_TEXT}|original|{_REWRITING}|{_OWN} {_PIECE}|version|facts?|added|removed|omitted|changed|kept|"
        rf"tone|simplif\w+|wording|requested|instructions?|informal)\b",
        r"(?:\n|[.!?]\s|\A)[\W_]*(?:(?:key |main |summary of |list of |notable )?changes(?: made)?|"
        r"changes I made|word count|rewriting notes|reasoning|rationale)\b[^\n:]{0,20}:",
        r"\(\d+ words\)|\b(?:word count|total words)\W{1,4}\d",
        rf"(?:\n|\A)[\W_]*(?:{_OWN} {_PIECE}|paraphrase|rephrasing|rewrite)[\W_]*(?:\n|:)",
        rf"\bend of (?:the )?(?:{_OWN} )?(?:{_PIECE}|article|list|tutorial|answer|response|output)\W*(?:\n|$)",
        # Offers.
        rf"\b(?:let me know|tell me|inform me|just ask)\b[^.!?\n]*\b(?:if|whether|what|how|when|"
        rf"should)\b{_REST}{_MORE}\b",
        r"\bfeel free to (?:ask|let|reach|use|modify|adjust|edit|change|request|share|adapt|customi[sz]e)\b",
        rf"\bI (?:\w+ )?hope (?:this|these|that|the|my|it|you)\b{_REST}(?:helps?|suits?|meets?|fits?|useful|"
        rf"works for|satisf\w+|what you|your|helpful|looking for|like (?:it|this|the))\b",
        rf"\b(?:would|do|did) you (?:like|want|need|prefer)(?: me| to have)?\b{_REST}(?:version|me to|"
        rf"another (?:text|question|problem|one)|more questions|(?:any )?(?:changes|adjustments|revisions))\b",
        rf"\b(?:if|should) you (?:need|want|have|require|{_APOSTROPHE}d like|would like|wish|"
        rf"prefer)\b{_REST}(?:version|another (?:text|question|problem|version)|(?:further|more|"
        rf"any) (?:questions|changes|adjust\w+|revisions|"
        rf"assistance|help|edits|modifications)|me to|I can)\b",
        rf"\b(?:I{_APOSTROPHE}m|I am|I{_APOSTROPHE}d be|I would be|I can|happy|glad) (?:also )?(?:happy |glad |"
        rf"available |here )?(?:to )?(?:provide|offer|help|assist|adjust|revise|write|create|make) "
        rf"(?:you )?(?:with )?(?:\w+ )?{_REST}(?:version|further|more|changes|adjust\w*|revis\w*|if you|another)\b",
        r"\bis there anything else\b|\b(?:don['’]t|do not) hesitate to (?:ask|let|request)\b",
    )
)
"""What a teacher says in front, about what it did, and what it offers, in the wordings of the common models."""


def measure(rows: Rows) -> Values:
    """Marks of such talk in all that the teacher says, also where a contract drops it."""
    return MARKS.count(said(rows), rows.source)


CHECK = Check("leftover_preamble", measure, NONE_AT_ALL)
