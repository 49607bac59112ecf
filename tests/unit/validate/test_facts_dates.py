"""Dates of a text beside those of its source."""

import pytest

from include.validate.facts.new_dates import new_dates

SAME = [
    ("on Saturday, March 14, 2020", "on Saturday, 14 March 2020"),
    ("on 30 September", "by 30/09"),
    ("on 30 September", "by 09/30/2021"),
    ("on 2016-10-09", "on 9 October 2016"),
    ("in Sept.", "in September"),
    ("from Tuesday to Sunday", "open Tue-Sun 10 to 5"),
    ("on Wednesdays", "Mon-Fri"),
    ("on Saturday", "at the weekend"),
    ("from November to February", "Nov to Feb"),
    ("in December", "from November to February"),
    ("on Monday and Friday", "on weekdays"),
    ("gone by September", "back in may, leave by sept."),
    ("from March to June", "in ponds march to june"),
    ("on 16 May", "from 14 to 16 May"),
    ("on 20 November", "Monday 4 November. The minister comes on the 20th."),
    ("May I bring a dog? It may bark.", "Can I bring my dog?"),
    ("March on! They march.", "They walk."),
    ("The Sun shines; he sat down and was wed.", "The star shines."),
    ("on Tuesday, 3 March 2020", "on 3 March 2020"),
    ("JANUARY SALE", "the sale in January"),
    ("Version 1.10.2 costs 3.50", "the version costs little"),
]
OTHER = [
    ("after the February storms", "after the January storms"),
    ("on 14 November 1887", "on 14 October 1887"),
    ("on Thursday, 3 March 2020", "on Tuesday, 3 March 2020"),
    ("on Saturday it rained", "on Sunday it rained"),
    ("due on 31 March", "due 31 Jan; the water is off until the end of March, after which it is on for everyone again"),
    ("on 15 May", "on 14 May; two dogs and a cat came with their 15 friends"),
    ("Since May 2019 it runs.", "It runs."),
    ("on 12/25/2020", "on 12/24/2020"),
    ("In June.", "In July."),
    ("every Friday", "Mon-Thu"),
    ("every Saturday", "on weekdays"),
    ("gone by October", "back in may, leave by sept."),
]


@pytest.mark.parametrize(("text", "source"), SAME)
def test_the_same_date_in_another_form_is_not_new(text: str, source: str) -> None:
    assert new_dates(text, source) == 0


@pytest.mark.parametrize(("text", "source"), OTHER)
def test_a_date_that_the_source_lacks_is_counted(text: str, source: str) -> None:
    assert new_dates(text, source) == 1
