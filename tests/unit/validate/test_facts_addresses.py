"""Addresses and personal data of a text beside those of its source."""

import pytest

from include.validate.checks.new_personal_data import new_personal_data
from include.validate.facts.addresses import new_urls

SAME_ADDRESS = [
    ("See https://www.holm.example/visit.", "see www.holm.example/visit"),
    ("(http://holm.example/)", "https://holm.example"),
    ("[the page](https://holm.example/a?b=1)", "https://holm.example/a?b=1"),
    ("at holm.example", "at https://www.holm.example/brown-bin"),
    ("Write to INFO@holm.example!", "info@holm.example"),
    ("Follow @Holm_Zoo.", "we are @holm_zoo"),
    ("Edit ~/.ssh/config and run setup.py.", "run setup.py, then look at ~/.ssh/config"),
    ("It is and/or was 3 km/h, e.g. here.No space.", "no address"),
    ("a masked one: <EMAIL>", "write to <EMAIL>"),
]
OTHER_ADDRESS = [
    ("https://www.breadbook.example/starter", "https://www.breadnook.example/starter"),
    ("https://ottersberg.example/times", "https://line7.ottersberg.example/times"),
    ("https://holm.example/visits", "https://holm.example/visit"),
    ("Visit holm.org today.", "Visit Holm today."),
    ("Follow @holm_fans.", "Follow @holm_zoo."),
    ("Open /etc/passwd now.", "Open the file now."),
    ("Run install.sh first.", "Run setup.sh first."),
]
SAME_DATUM = [
    ("Call +49 170 5551234.", "Tel.: +49-170-555-1234"),
    ("call the office at 020 7946 0417", "020 79460417"),
    ("ann@holm.example", "Ann@holm.example"),
    ("The number of visitors was 1 204 500 in 2019.", "1,204,500 visitors in 2019"),
    ("write to <EMAIL>", "write to <EMAIL>"),
]
OTHER_DATUM = [
    ("Call +49 170 5551234.", "Call us."),
    ("or by telephone at (413) 555-0142", "or by telephone"),
    ("call the waste office at 020 7946 0417", "ask the waste office"),
    ("Write to ann@holm.example.", "Write to <EMAIL>."),
    ("IBAN DE89 3704 0044 0532 0130 00", "the IBAN"),
    ("from 81.2.69.142", "from his computer"),
    ("card 4111 1111 1111 1111", "by card"),
]


@pytest.mark.parametrize(("text", "source"), SAME_ADDRESS)
def test_an_address_of_the_source_in_another_form_is_not_new(text: str, source: str) -> None:
    assert new_urls(text, source) == 0


@pytest.mark.parametrize(("text", "source"), OTHER_ADDRESS)
def test_an_address_that_the_source_lacks_is_counted(text: str, source: str) -> None:
    assert new_urls(text, source) == 1


@pytest.mark.parametrize(("text", "source"), SAME_DATUM)
def test_a_datum_of_the_source_with_other_punctuation_is_not_new(text: str, source: str) -> None:
    assert new_personal_data(text, source) == 0


@pytest.mark.parametrize(("text", "source"), OTHER_DATUM)
def test_a_datum_that_the_source_lacks_is_counted(text: str, source: str) -> None:
    assert new_personal_data(text, source) == 1
