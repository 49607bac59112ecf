"""Numbers of a text beside those of its source: the same in another form, what follows from them, and what is new."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.validate.facts.figures import new_numbers
from include.validate.facts.number_words import in_words
from include.validate.facts.numerals import in_digits

SAME = [
    ("1000 bees", "1,000 bees"),
    ("1,234,567.5 m", "1234567.50 m"),
    ("1 000 bees", "1000 bees"),
    ("1000 bees", "1.000 Bienen"),
    ("12.5% of it", "12.50 percent"),
    ("in the 1990s", "in 1990"),
    ("7 bees", "seven bees"),
    ("seven bees", "7 bees"),
    ("12 bees", "Twelve bees"),
    ("a dozen eggs", "12 eggs"),
    ("thirteen bees", "13 bees"),
    ("thirty-four rooms", "34 rooms"),
    ("fifty-four thousand pounds", "£54,000"),
    ("2,500 people", "two and a half thousand people"),
    ("one hundred and one dogs", "101 dogs"),
    ("5,000,000 people", "5 million people"),
    ("5 million people", "5,000,000 people"),
    ("2000000 people", "two million people"),
    ("5 million to 6 million", "5 to 6 million"),
    ("a budget of $3.2bn", "a budget of 3.2 billion dollars"),
    ("on 3 May 1999", "on 03.05.1999 in May"),
    ("on 2020-03-14", "on 14 March 2020"),
    ("1. First bees.\n2) Then honey.", "First bees, then honey."),
    ("Question 3: Where?\nAnswer 3: Here.", "It is here."),
    ("Q2: Where?\nA2: Here.", "It is here."),
    ("**2. Where?**\nHere.", "It is here."),
    ("| Place | Runner |\n| 1 | Ann |\n| 2 | Bo |\n| 3 | Cy |", "Ann came before Bo and Cy."),
    ("It ended in 1990.", "until 1990, when"),
    ("one of them", "a bee"),
    ("Two reasons are named.", "It is old and it is slow."),
    ("50 % of the money", "half of the money"),
    ("half of the money", "50 percent of the money"),
    ("30 % said yes", "three in ten said yes"),
    ("two thirds of all", "66.7 % of all"),
    ("the 3rd runner", "the third runner"),
    ("0.5 cm deep", "half a centimetre deep"),
    ("540 cm long", "5.40 m long"),
    ("14 days", "two weeks"),
    ("60 minutes", "an hour"),
    ("90 minutes", "an hour and a half"),
    ("30 minutes", "half an hour"),
    ("every seven days", "every week"),
    ("170 millimetres", "17 cm"),
    ("about 5 km away", "3 miles away"),
    ("86 °F", "30 °C"),
    ("0.90 euros each", "90 cents each"),
    ("at 18:30", "at half past six in the evening"),
    ("at 9:00", "at 9 a.m."),
    ("from 10 a.m. to 5 p.m.", "from 10:00 to 17:00"),
    ("in the 19th century", "in 1834"),
    ("400 grams, twice as much", "200 grams, on clay twice as much"),
    ("she died at 73", "born in 1921, died in 1994"),
    ("about 3,000 runners", "2,987 runners"),
    ("24 × 12 = 288, and 288 × 2 = 576", "24 trays of 12 and 2 more"),
    ("Type 2", "Type II"),
    (
        "The washer, usually 12 mm, is swapped. Before that, turn the valve with a 17 mm spanner.",
        "Use a 17 mm spanner on the valve. At the bottom sits the washer, usually 12 mm.",
    ),
    ("The lines 3 and 4 run.", "Buses go on lines 3 and 4."),
    ("Two thirds stayed.", "A third of them left, so the others stayed."),
    ("after a quarter of an hour, a third of it", "after 15 minutes, a third of it"),
    ("for three quarters of an hour", "45 minutes"),
    ("in twenty seconds", "in 20 seconds"),
    ("ten minutes earlier than now", "at 8:35 rather than 8:45"),
    ("It grew by twelve names.", "It grew from 17 to 29 names."),
    ("It is 20 euros cheaper.", "149 euros, the other 129 euros"),
    ("Altogether 41 came.", "12 men and 29 women came."),
    ("So it was 0-2 at half-time.", "from two goals down"),
    ("240 ÷ 4 = 60", "a quarter of the 240 loaves"),
    ("240 / 7 = 34.3, 60 × £3.20 = £192 and 100 − 60 + 2 = 42", "240 loaves, £3.20, 7, 2, 100 and 60"),
    ("Question: A flat costs 800 a month. How high may it be?\nAnswer: 1,600.", "two months' rent"),
    ("Question: A rent of 600 is raised. What is it then?\nAnswer: 630, as 5 % are 30.", "by no more than 5 %"),
    ("Which? A) 12 B) 13 C) 14 D) 15\nAnswer: A) 12", "There are 12."),
]
OTHER = [
    ("1000 bees", "100 bees", 1),
    ("in 1991 and 1992", "in 1990", 2),
    ("13 bees", "twelve bees", 1),
    ("8 bees", "seven bees", 1),
    ("fifteen minutes", "five minutes", 1),
    ("eleven members", "twelve members", 1),
    ("5 billion", "6 million", 1),
    ("Chapter 1.5", "chapter 1", 1),
    ("3. Wasps sting 4 times.", "Wasps sting.", 1),
    ("4.3 litres", "3.4 litres", 1),
    ("15 tonnes", "1.5 tonnes", 1),
    ("1,800 buttons", "18,000 buttons", 1),
    ("50 workers", "50,000 workers", 1),
    ("by 9 to 3", "by 9 to 4", 1),
    ("at 7:45", "at 7:15", 1),
    ("in 2:31:17", "in 2:31:07", 1),
    ("three quarters of it", "two thirds of it", 2),
    ("It lost a quarter of its ice.", "It lost a third of its ice.", 2),
    ("It burns seven tenths of it, for seven years.", "It burns nine tenths of it; seven men saw the tenth.", 2),
    ("0.3 per cent, no fault", "0.8 per cent, no fault", 1),
    ("Errors exit with code 1.", "Errors exit with code 2; see section 1.", 2),
    (
        "Turn the valve with a 12 mm spanner. Swap the washer, usually 17 mm, for another.",
        "Use a 17 mm spanner on the valve. At the bottom sits the washer, usually 12 mm.",
        2,
    ),
    ("90 × £3.20 = £298", "90 loaves at £3.20", 2),
    ("240 / 7 = 34.3 and 2 + 2 = 5", "240 in 7 days, 2 more", 2),
    ("Question: What did 900 people do?\nAnswer: They ran.", "600 people ran.", 1),
    ("Question: A flat costs 800 a month. How high may it be?\nAnswer: 1,700.", "two months' rent", 1),
    ("The rest was 13.", "25 left, 17 came, 3 stood.", 1),
    ("30 % of it", "half of it", 1),
    ("500 cm long", "5.40 m long", 1),
    ("20 days", "two weeks", 1),
    ("four times a day", "five times a day; four seals", 1),
    ("the twelfth time", "the second time", 1),
    ("about 4,000 runners", "2,987 runners", 1),
    ("Seven lamps burn.", "The six lamps burn.", 1),
    ("Four people died.", "Three people died.", 1),
]


@pytest.mark.parametrize(("text", "source"), SAME)
def test_the_same_number_in_another_form_is_not_new(text: str, source: str) -> None:
    assert new_numbers(text, source) == 0


@pytest.mark.parametrize(("text", "source", "new"), OTHER)
def test_a_number_that_the_source_lacks_is_counted(text: str, source: str, new: int) -> None:
    assert new_numbers(text, source) == new


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("two hundred and five thousand", {205_000}),
        ("eleven of the nineteen", {11, 19}),
        ("one or two", {1, 2}),
        ("half a million", {500_000}),
        ("hundreds of people", set()),
        ("the nineties", {90}),
        ("a dozen", {12}),
    ],
)
def test_number_words_are_read(words: str, values: set[float]) -> None:
    assert {max(number.values) for number in in_words(words)} == values


@given(st.integers(0, 10**9))
def test_digits_are_read_with_and_without_groups(number: int) -> None:
    for written in (f"{number}", f"{number:,}", f"{number:,}".replace(",", " ")):
        [read] = in_digits(f"x {written} y")
        assert number in read.values


@given(st.text(alphabet="0123456789.,:% |\n-abthirdone twohalf", max_size=80))
def test_whatever_a_text_says_it_states_nothing_new_beside_itself(text: str) -> None:
    assert new_numbers(text, text) == 0
