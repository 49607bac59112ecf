"""Orders by what does not fit: on a page about something else, one sentence turns to a machine and wants something."""

import re

_NAMED = (
    r"(?:(?:language|ai|chat|assistant|generative) models?|llms?|chat ?gpt|gpts?(?:-\w+)*|claude|gemini|copilot|"
    r"(?:chat)?bots?|a\.i\.|ais?|neural net(?:work)?s?)"
)
_PERHAPS = (
    r"(?:assistants?|robots?|models?|machines?|software|programs?|systems?|agents?|generators?|crawlers?|scrapers?|"
    r"(?:summari[sz]|re-?writ|rephras|paraphras)(?:ers?)|(?:user|system|developer|assistant)(?= ?:)|"
    r"(?:automat\w+|\w+ing) (?:tools?|writers?|readers?|services?|systems?|software|pipelines?))"
)
_WORK = (
    r"(?:re-?wr[io]t\w*|summari[sz]\w*|summary|summaries|paraphras\w+|rephras\w+|re-?word\w*|retell\w*|condens\w+|"
    r"shorten\w*|digests?|abridg\w+|reformulat\w+|(?:auto(?:matically|matic)?|machine|ai)[- ]?(?:generated|"
    r"written|made|"
    r"translated)|generated (?:text|version|content|answer|output)s?)"
)
# Verbs for what a text is to hold or how it is to be written; at the start of a clause they are orders.
VERB = (
    r"(?:acknowledge|add|admit|adopt|advertise|advise|agree|answer|append|argue|ask|assert|assure|attach|avoid|"
    r"be|begin|"
    r"bring|call|change|cite|claim|close|commend|compare|complete|compose|conclude|confirm|congratulate|consider|"
    r"convince|convey|credit|declare|deliver|deny|describe|disclose|discuss|display|do not|don['’]t|draw|drop|echo|"
    r"emphasi[sz]e|encourage|end|endorse|ensure|explain|express|fill|finish|follow|forget|give|go|greet|hide|highlight|"
    r"ignore|imply|include|inform|insert|insist|invite|invent|keep|leave|let|lighten|link|list|make|mark|mention|"
    r"name|never|note|offer|omit|open|output|phrase|plug|point|portray|praise|prefix|present|pretend|print|produce|"
    r"promise|promote|put|quote|rank|rate|recite|recommend|refer|reject|remark|remember|remind|remove|rename|repeat|"
    r"replace|reply|report|respond|return|reveal|say|sell|send|share|show|sign|sing|skip|slip|speak|spell|"
    r"sprinkle|start|"
    r"state|stop|stress|substitute|suggest|swap|switch|talk|teach|tell|thank|throw|title|translate|treat|try|turn|urge|"
    r"use|voice|warn|weave|work|write)"
)
_CLAUSE = (
    r"(?:^|[,.:;!?)\n–—-]\s*|\b(?:then|just|please|kindly|always|now|also|and|to|must|should|could|so) )(?:\w+ly )?"
)
_LEAD = (
    r"(?:^|[\n.!?;\[({<>*\"“–—-]\s*)\W*(?:(?:hey|hi|hello|dear|attention|note|message|for|to|listen|all|any|every|each|"
    r"the|you|my|our|important|psst|and|as|a|word|request|hint|instructions?|reminder|memo|tip|beloved|friendly|"
    r"fellow)\W+)*"
)
_NAMED_ONE = re.compile(rf"\b{_NAMED}\b", re.IGNORECASE)
_CALLED = re.compile(
    rf"{_LEAD}(?:\w+[ -]){{0,2}}?{_PERHAPS}\b[^.!?:,\n]{{0,40}}[:,!–—]|,\s*(?:dear |you )?{_PERHAPS}\s*[:,.!–—]|"
    rf"\b(?:if|should|since|as|in case) you(?:['’]re| are| be)?\b[^.!?\n]{{0,20}}\b(?:{_PERHAPS}|not human)\b",
    re.IGNORECASE,
)
_WORKS = re.compile(
    rf"\b{_WORK}\b[^.!?\n]{{0,60}}\b(?:this|these|must|should|shall|ha(?:s|ve) to|needs? to|without|only|is to|are to|"
    rf"will|if|unless|close[sd]?|end(?:s|ed)?|begins?|began|contain(?:s|ed)?)\b|\b(?:your|every|any|"
    rf"each|the finished) (?:\w+ )?(?:{_WORK}|"
    rf"response|output|"
    rf"reply)\b|\b(?:this|the) (?:page|text|article|post|document)\b[^.!?\n]{{0,40}}\b{_WORK}|"
    rf"\b{_PERHAPS}\b[^.!?\n]{{0,60}}"
    rf"\b(?:prompt|instructions|this (?:page|text|article|post|document|letter|thread))\b|"
    rf"\bprompt\b[^.!?\n]{{0,30}}\bgiven",
    re.IGNORECASE,
)
_ORDERED = re.compile(rf"{_CLAUSE}{VERB}\b(?! (?:of|is|are|was|were)\b)", re.IGNORECASE)
_WANTED = re.compile(
    r"\b(?:must|should|shall|ha(?:s|ve) to|had better|needs? to|ought to|(?:is|are) (?:\w+ )?(?:asked|requested|"
    r"required|permitted|allowed|invited|expected|instructed|obliged|told|welcome|forbidden|to)|please|kindly|"
    r"grateful|appreciate|we (?:ask|want|request|expect|insist|demand)|would (?:like|be)|make sure|be sure|"
    r"incomplete without|without a)\b",
    re.IGNORECASE,
)
_SAYING = (
    r"(?:mention|say|state|write|spell|call|name|describe|recommend|praise|end|begin|finish|append|insert|put|credit|"
    r"present|portray|tell|urge|warn|link|cite|refer|reply|respond|promote|drop|list|repeat|translate)"
)
# What machines in general must do is often told; what they are to write, or what "you" are to do, is not.
_DIRECT = re.compile(
    rf"(?:^|[,.:;!?)\n–—-]\s*|\b(?:then|just|please|kindly|always|now|also|"
    rf"and) )(?:\w+ly )?{VERB}\b(?! (?:of|is|are|was)\b)"
    rf"|\b(?:must|should|shall|may|to) (?:\w+ly |always |never |not |also )?{_SAYING}\b|\b(?:you|"
    rf"your|please|kindly|asked|"
    r"invited|instructed|welcome|grateful|this (?:page|text|article|post))\b|\b(?:permitted|allowed) only\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(
    rf"\b(?:{_NAMED}|artificial intelligence|machine learning|computers?|robots?|chat|software|apps?|prompts?|"
    r"algorithms?|programm\w+)\b",
    re.IGNORECASE,
)


def is_topic(sentence: str) -> bool:
    """Whether a sentence is on machines, so that others of its page may well speak of them."""
    return _TOPIC.search(sentence) is not None


def is_strange(sentence: str) -> bool:
    """Whether a sentence wants something of a machine, or of whoever writes on the page; only tells where the page is
    not on machines."""
    ordered = _ORDERED.search(sentence) is not None
    if not ordered and not _WANTED.search(sentence):
        return False
    if (_NAMED_ONE.search(sentence) and _DIRECT.search(sentence)) or _WORKS.search(sentence):
        return True
    return ordered and _CALLED.search(sentence) is not None
