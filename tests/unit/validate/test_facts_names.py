"""Names of a text beside those of its source."""

import pytest

from include.validate.facts.names import new_names

SAME = [
    ("Dear Grandma, swifts sleep in the air. Love, Tess", "Swifts sleep in the air."),
    ("According to Gunda's note, wheat works.", "My neighbour Gunda says wheat works."),
    ("The Danish town is old.", "The town in Denmark is old."),
    ("It lies in Italy.", "an Italian town"),
    ("She is from the United States.", "She is American, from the United States."),
    ("The WHO warns.", "The World Health Organization warns."),
    ("The World Health Organization warns.", "The WHO warns."),
    ("J. Denholm voted no.", "Councillor Priya Denholm voted no, as did J. Denholm."),
    ("Mr Brandt drives.", "Mayor Yusuf Brandt drives."),
    ("Ezra Pickering founded it.", "founded by the brothers Ezra and Saul Pickering"),
    ("the Greenfold Zoo", "welcome to the #GreenfoldZoo"),
    ("## Your First Cold Frame\nIt is a box.", "A cold frame is a box."),
    ("THE OCTOPUS: THREE HEARTS\nIt has three.", "An octopus has three hearts."),
    ("Unopened bags keep. Kindled lamps burn. Inflate the tube.", "bags, lamps, tubes"),
    ("Volcanoes erupt. Barges were slow. Sadly, it rained.", "It is so."),
    ("Jo: It rains.\nKit: Jo, does it?", "It rains."),
    ("Dear Emma,\nit rains here. Do you see, Emma?", "It rains."),
    ("**Question:** Why? **Answer:** Because.", "Because."),
    ("| Name | Age |\n| --- | --- |\n| Ann | 3 |", "Ann is 3."),
    ("What burns? A) Gas B) Coal C) Hydrogen D) Oil\nAnswer: B) Coal", "The lamp burns coal."),
    ("On Monday in May she and I met.", "we met"),
    ("He said: \"Take it.\" 'Never,' she said.", "he spoke, she declined"),
    ("Director Frieda Holm wrote to them.", "Frieda Holm, who leads the company, wrote to them."),
    ("Part III tells of it.", "The third part tells of it."),
    ("A Wi-Fi connection drops.", "wifi drops"),
    ("The Leeds-based firm grew.", "The firm in Leeds grew."),
    ("Die Katze liegt auf dem Sofa.", "Die Katze liegt auf dem Sofa."),
]
OTHER = [
    ("Swifts sleep in the air. They love Tess and the sky.", "Swifts sleep in the air."),
    ("Her mother, Britta, kept the room.", "her mother, Birte, kept the room"),
    ("Frederick Banting and John Macleod isolated it.", "Frederick Banting and Charles Best isolated it."),
    ("The architect is Sandra Hamdan.", "The architect is Samira Haddad."),
    ("A factory in Bath copied it.", "A factory in Bristol copied it."),
    ("Hilda says that wheat works.", "Gunda says that wheat works."),
    ("Walk along Mill Road.", "Walk along Mill Lane."),
    (
        "Take the bridge at Coldwater Lane.",
        "The Coldwater footbridge is shut since last autumn; use Mill Lane instead.",
    ),
    ("The NASA says so.", "The office says so."),
    ("In the Larsen family's house in Aarhus it works.", "in the Larsen family's house in Odense"),
    ("| Ferry | To |\n| --- | --- |\n| Puffin | Sund |", "The Petrel goes to Sund."),
    ("She met Dr. Okoro there.", "She met a doctor there."),
    ("He wrote for the Tarn Courier.", "He wrote for a paper in Tarn."),
    ("She works at the White House now.", "She works at the office now."),
    ("They drove a Toyota home.", "They drove a car home."),
]


@pytest.mark.parametrize(("text", "source"), SAME)
def test_a_name_of_the_source_in_another_form_is_not_new(text: str, source: str) -> None:
    assert new_names(text, source) == 0


@pytest.mark.parametrize(("text", "source"), OTHER)
def test_a_name_that_the_source_lacks_is_counted(text: str, source: str) -> None:
    assert new_names(text, source) >= 1
