"""Contradictions that single words show."""

import pyarrow as pa
import pytest

from include.validate.facts.lookup import look_up
from include.validate.facts.measures import turned_measures
from include.validate.facts.polarity import contradictions, pairs
from include.validate.facts.roles import turned_roles

FAITHFUL = [
    ("Prices in the towns climbed.", "Prices in the towns rose."),
    ("Prices in the towns increased and then fell.", "Prices in the towns rose, then they fell."),
    ("The tickets for the zoo are expensive.", "The tickets for the zoo are not cheap."),
    ("The pool in the park is not open.", "The pool in the park is closed."),
    ("Males of this newt are smaller than females.", "Females of this newt are bigger than males."),
    ("The morning is cold there.", "The summer is hot here, in the south."),
    ("The council did not refuse the plan.", "The council accepted the plan."),
    ("Deltas in the archive are not enabled.", "Deltas in the archive are off."),
    ("The lamp at the crossing was repaired; now it works.", "The lamp at the crossing was faulty."),
]
CONTRARY = [
    ("Prices in the towns fell.", "Prices in the towns rose."),
    ("The pool in the park has been open since 2017.", "The pool in the park, closed since 2017, is old."),
    ("The council refused the plan for the hall.", "The council accepted the plan for the hall."),
    ("This heap of compost gets faster when dry.", "This heap of compost gets slower when dry."),
    ("Dogs are forbidden on the beach of Holm.", "Dogs are allowed on the beach of Holm."),
    ("Tickets for the ferry became cheaper.", "Tickets for the ferry became more expensive."),
    ("The house faces the north of the valley.", "The house faces the south of the valley."),
    ("Deltas in the archive are enabled.", "Deltas in the archive are off."),
    ("The lamp at the crossing worked correctly.", "The lamp at the crossing was faulty."),
    ("The city was unaware of the faulty lamp.", "The city knew of the faulty lamp."),
    ("It has chats in which the names were kept.", "It has chats from which names were removed."),
    ("She always locks the wooden gate.", "She never locks the wooden gate."),
    ("Cullet melts at a higher temperature.", "Cullet melts at a lower temperature than sand."),
]


def count(text: str, source: str) -> int:
    candidates = look_up(pa.array([text]), pa.array([source])).opposites.get(0, [])
    return contradictions(text, source, candidates)


@pytest.mark.parametrize(("text", "source"), FAITHFUL)
def test_another_way_to_say_the_same_is_no_contradiction(text: str, source: str) -> None:
    assert count(text, source) == 0


@pytest.mark.parametrize(("text", "source"), CONTRARY)
def test_the_opposite_word_is_a_contradiction(text: str, source: str) -> None:
    assert count(text, source) >= 1


@pytest.mark.parametrize(
    ("text", "source", "turned"),
    [
        ("Ashmoor lost 3-2 to Northgate.", "Northgate beat Ashmoor 3-2.", 0),
        ("Ashmoor was beaten by Northgate.", "Northgate beat Ashmoor 3-2.", 0),
        ("Ashmoor beat Northgate.", "Northgate beat Ashmoor 3-2.", 1),
        ("It saw Northgate succumb to Ashmoor.", "Northgate beat Ashmoor 3-2.", 1),
        (
            "Johanna Lindt was faster than Teresa Ibekwe.",
            "Teresa Ibekwe won in 2:41:07, far ahead of Johanna Lindt.",
            1,
        ),
        ("Lindt came in behind Ibekwe.", "Teresa Ibekwe won in 2:41:07, far ahead of Johanna Lindt.", 0),
        ("Ashmoor beat Northgate, then Northgate beat Ashmoor.", "Ashmoor beat Northgate, then lost to Northgate.", 0),
    ],
)
def test_winner_and_loser_must_not_change_places(text: str, source: str, turned: int) -> None:
    assert turned_roles(text, source) == turned


def test_no_word_is_its_own_opposite() -> None:
    for one, other in pairs():
        assert one.words.isdisjoint(other.words), one.words & other.words


def test_a_look_up_says_which_rows_have_number_words_of_their_own() -> None:
    found = look_up(pa.array(["five bees", "two bees", None]), pa.array(["six bees", "two bees", "x"]))
    assert found.number_words.tolist() == [True, False, False]
    assert found.opposites == {}


@pytest.mark.parametrize(
    ("text", "source", "turned"),
    [
        ("Swifts grew by 57 %.", "Their number fell by 57 %; boxes were put up.", 1),
        ("It ends 210 metres lower.", "It ends 210 metres higher.", 1),
        ("Swifts dropped by 57 %.", "Their number fell by 57 %.", 0),
        ("It rose by 57 %.", "It fell by 12 % and is 57 % of what it was.", 0),
        ("A rise by 5 % here, a fall by 5 % there.", "It fell by 5 %, then rose by 5 %.", 0),
    ],
)
def test_a_figure_must_not_go_the_other_way(text: str, source: str, turned: int) -> None:
    assert turned_measures(text, source) == turned
