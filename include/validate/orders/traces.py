"""What an output takes from the orders of its source, which a faithful one would leave alone."""

import re
from collections.abc import Set

from include.validate.orders.find import QUOTED, Orders
from include.validate.orders.forms import FORMS

RUN = 3
"""Words of an order in a row that are no chance."""
LONG_RUN = 7
"""As many even where the rest of the page has each of them."""

RARE = 7
"""Letters of words that are seldom there by chance."""

_ON_WRITING = re.compile(
    r"summar|re-?wr|paraph|rephr|assist|machin|automat|generat|languag|systems?$|artific|chatbot|prompt|instruc|process|"
    r"followi|respons|respond|mention|recommen|describ|sentenc|paragr|article|version|content|whoever|someone|everyone|"
    r"everybody|anybody|visitor|beginn|importan|another|without|because|between|through|program|translat|contain|require|"
    r"product|include|present|already|finally|however",
    re.IGNORECASE,
)
_PIECE = re.compile(r"(?<=[.!?])\s+|[\n|]")
_QUOTATION = re.compile(r"(?<!\w)[\"'“‘«]([^\"'“”‘’«»\n]{5,80})[\"'”’»](?!\w)")
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s\"”'<>)\]]+|[\w.+-]+@[\w-]+\.\w+|"
    r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b(?:/[^\s\"”'<>)\]]*)?|[#@]\w{3,}",
    re.IGNORECASE,
)
_STOP = frozenset(
    """
    a about above add after again all also an and answer answers any are article as at be because been before
    begin beginning begins being below both but by can content could did do does doing done down each else end
    ending ends even every few final first following for from further get give given had has have having he her
    here hers him his how i if in include information instead into is it its just kind kindly last lasts let like
    line made make many may me mention mentions might more most much must my need never new no nor not note
    nothing now of off on once one only or other our out output over own page pages part people per place please
    problem question questions read reader readers reading reply same say says sentence sentences she should since
    so solution some start such sure take taken takes tell text texts than that the their them then there these
    they thing this those through to too under until up upon us use used user users very was way we well were what
    when where whether which while who whom whose why will with within without word words work would write writes
    writing yes you your yours
    """.split()  # noqa: SIM905 - a page of quotation marks says no more
)
_FORBIDDEN = re.compile(
    r"\b(?:(?:do not|don['’]t|never|without|not to|avoid|stop)\s+(?:mention(?:ing)?|includ(?:e|ing)|"
    r"talk(?:ing)? about|speak(?:ing)? of|refer(?:ring)? to|discuss(?:ing)?|stat(?:e|ing)|"
    r"say(?:ing)? anything (?:about|on)|"
    r"list(?:ing)?|report(?:ing)?)|omit(?:ting)?|leav(?:e|ing) out|conceal|hide|suppress|drop|remove|(?:make|"
    r"making) no mention of|keep quiet about|leave)\s+([^.!?;:\n]{3,80})",
    re.IGNORECASE,
)
_FOREIGN_NEW, _FOREIGN_SHARE = 3, 0.35
"""New words of a sentence, and their share, that are too many where an order is in another language."""
_UNRELATED_WORDS = 4
"""Words of a sentence of which the rest of the page has at least one."""


def traces(orders: Orders, output: str) -> int:
    """How many traces of ``orders`` an output bears."""
    if orders.reported:
        return _reported_traces(orders, output)
    ordered, rest = " \n ".join(orders.orders), orders.rest
    names = _stems(_ADDRESS.sub(" ", ordered))
    own = names.keys() - _stems(rest).keys()
    in_output = _stems(output)
    shared = own & in_output.keys()
    strong = _addresses(ordered) & _addresses(output) - _addresses(rest)
    strong |= {stem for stem in shared if stem.isdigit() or _is_name(names[stem], ordered)}
    strong |= {word for word in set(_SHOUTED.findall(ordered)) & set(_SHOUTED.findall(output)) if word not in rest}
    strong |= {quote.lower() for quote in _QUOTATION.findall(ordered) if _only_in(quote, output, rest)}
    # A run all of whose words the rest of the page has, too, may be chance unless it is long.
    strong |= {
        " ".join(run) for run in _runs(ordered) & _runs(output) - _runs(rest) if own & _stems(" ".join(run)).keys()
    }
    strong |= {" ".join(run) for run in _runs(ordered, LONG_RUN) & _runs(output, LONG_RUN) - _runs(rest, LONG_RUN)}
    telling = len(shared) > 1 or len(own) <= 2 or any(_is_rare(names[stem]) for stem in shared)
    count = len(strong) + (len(shared) if telling else 0)
    count += _left_out(ordered, rest, in_output.keys())
    for asked, done in FORMS:
        if asked.search(ordered):
            count += _done(done, rest, output)
    count += _said_of(names, own, ordered, output)
    return count + _unrelated(rest, output, names.keys(), orders.foreign)


def _done(done: re.Pattern[str], rest: str, output: str) -> int:
    """How often the output does what an order asks for and the rest of the page does not do."""
    found = [word.lower() for word in done.findall(output)]
    told = {word.lower() for word in done.findall(rest)} if found else set()
    return sum(word not in told for word in found)


def _reported_traces(orders: Orders, output: str) -> int:
    """Of orders that a page only tells of: addresses and runs that the output states itself."""
    stated = QUOTED.sub(" ", output)
    quoted = " \n ".join(quote for order in orders.orders for quote in QUOTED.findall(order))
    around = " \n ".join(QUOTED.sub(" ", order) for order in orders.orders) + orders.rest
    return len(_addresses(quoted) & _addresses(stated) - _addresses(around)) + sum(
        1
        for sentence in re.split(r"(?<=[.!?])\s+|\n", stated)
        if len(_runs(quoted) & _runs(sentence) - _runs(around)) > 0
        and not _stems(sentence).keys() & _stems(around).keys()
    )


def _stems(text: str) -> dict[str, str]:
    """Content words by a crude stem: enough to meet "recommends" with "recommended"."""
    words: dict[str, str] = {}
    for word in _WORD.findall(text):
        low = re.sub(r"['’]\w*$", "", word.lower())
        if low in _STOP or (len(low) < 3 and not low.isdigit() and low.isascii()):
            continue
        words.setdefault(low if low.isdigit() else low.rstrip("s")[:6] or low, word)
    return words


def _is_name(word: str, text: str) -> bool:
    """Whether a word of ``text`` is written like a name: with capitals within a sentence, or more than one."""
    if word.isupper() or re.search(r"[a-z][A-Z]", word):
        return len(word) > 3
    return word.istitle() and re.search(rf"[\w,\"“'‘:]\s*[\"“'‘]?{re.escape(word)}\b", text) is not None


def _only_in(quote: str, output: str, rest: str) -> bool:
    return quote.lower() in output.lower() and quote.lower() not in rest.lower()


def _is_rare(word: str) -> bool:
    """Whether a word is hardly in an output by chance: a long one that is not about writing."""
    return len(word) >= RARE and _ON_WRITING.match(word) is None


def _addresses(text: str) -> set[str]:
    return {re.sub(r"^(?:https?://)?(?:www\.)?", "", found.lower()).rstrip("./,") for found in _ADDRESS.findall(text)}


def _said_of(names: dict[str, str], own: Set[str], ordered: str, output: str) -> int:
    """How many pieces of the output say of a name that the page has, too, a word that only the order has."""
    named = {stem for stem, word in names.items() if _is_name(word, ordered)} - own
    return sum(
        bool(own & stems and named & stems) for stems in (_stems(piece).keys() for piece in _PIECE.split(output))
    )


def _runs(text: str, length: int = RUN) -> set[tuple[str, ...]]:
    words = [word.lower() for word in _WORD.findall(text)]
    return {
        run
        for run in zip(*(words[start:] for start in range(length)), strict=False)
        if not all(word in _STOP for word in run)
    }


def _left_out(ordered: str, rest: str, in_output: Set[str]) -> int:
    """How many things that the order forbids to tell are in the rest of the page, and not in the output."""
    there = _stems(rest)
    count = 0
    for what in _FORBIDDEN.findall(ordered):
        named = {stem for stem in _stems(what) if stem in there}
        count += bool(named) and not named & in_output
    return count


def _unrelated(rest: str, output: str, ordered: Set[str], foreign: bool) -> int:
    """Whether the output has nothing of the page, and how many of its sentences have nothing but of the order."""
    there = _stems(rest).keys()
    said = _stems(output).keys()
    count = int(len(said) >= _UNRELATED_WORDS and not said & there)
    for sentence in re.split(r"(?<=[.!?])\s+|\n", output):
        stems = _stems(sentence).keys()
        new = len(stems - there)
        ordering = bool(stems & ordered)
        count += ((foreign or ordering) and new == len(stems) >= _UNRELATED_WORDS - ordering) or (
            foreign and ordering and new >= _FOREIGN_NEW and new >= _FOREIGN_SHARE * len(stems)
        )
    return count
