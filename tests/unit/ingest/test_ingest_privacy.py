"""Personal data is masked and counted by kind; what only looks like it stays."""

import gzip
import random
import string
from pathlib import Path

import pytest
from warc_files import PROSE

from include.ingest import privacy

EVERYTHING = tuple(privacy.KINDS)


def check(text: str, expected: str | None, kinds: tuple[str, ...] = EVERYTHING) -> None:
    masked, counts = privacy.mask(text, kinds)
    assert masked == (expected or text)
    assert counts == {name: masked.count(f"<{name.upper()}>") for name in privacy.COUNTERS}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to jane.doe+news@mail.example.co.uk today.", "Write to <EMAIL> today."),
        ("(a@b.org), <c_d@e-f.com>!", "(<EMAIL>), <<EMAIL>>!"),
        ("mailto:jörg@müller.de;x%y@host.org", "mailto:<EMAIL>;<EMAIL>"),
        ("Ask ...jane@host.org: she knows.", "Ask ...<EMAIL>: she knows."),
        ("почта@пример.рф a@b.xn--p1ai", "<EMAIL> <EMAIL>"),
        ("a@b.com,c@d.com a@b.com/x", "<EMAIL>,<EMAIL> <EMAIL>/x"),
        ("a" * 64 + "@b.org", "<EMAIL>"),
        ("a" * 65 + "@b.org", None),
        ("Follow @themill, meet @ noon, see foo@bar", None),
        ("git clone git@github.com:mill/wheel.git or scp jane@host.org:/var/x .", None),
        ("ssh://git@host.org/x and @app.route('/') and @media screen", None),
        ("logo@2x.png, lodash@4.17.21, vue@next, a.@b.org, .@b.org", None),
        ("user@localhost, 3@1.50, @b.org, a@.org, a@b..org", None),
        ("In 2019 f@ck and p@ssw0rd. And e@π.", None),
    ],
)
def test_email_addresses(text: str, expected: str | None) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call +1 (212) 555-0123, or +49 30 901820.", "Call <PHONE>, or <PHONE>."),
        ("tel:+442079460958", "tel:<PHONE>"),
        ("+31 20 794 0958 then +33 1 42 68 53 00", "<PHONE> then <PHONE>"),
        ("Since 1999 we sold 1,234,567 loaves; 2 + 2 = 4, +5 degrees.", None),
        ("In C++ 1234567 is a number, x+1234567890 too", None),
        ("2012-03-04T05:06:07+02:00, GMT+0100, UTC +05:30, +12.5 %, +1,000,000", None),
    ],
)
def test_phone_numbers(text: str, expected: str | None) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 81.2.69.142, then [93.184.216.34]:8080.", "from <IP>, then [<IP>]:8080."),
        ("http://81.2.69.142/x 81.2.69.0/24 (81.2.69.142)", "http://<IP>/x <IP>/24 (<IP>)"),
        ("81.2.69.142", "<IP>"),
        ("2a00:1450:4001:81b::200e, [2001:4860:4860::8888]:53", "<IP>, [<IP>]:53"),
        ("at 2a00:1450:4001:081b:0000:0000:0000:200e: yes, 2606:4700::/32 2600::", "at <IP>: yes, <IP>/32 <IP>"),
        ("10.1.2.200, 192.168.1.1, 127.0.0.1, 169.254.1.99, 0.0.0.0, 255.255.255.0, 203.0.113.99", None),
        ("version 1.2.3.104, v4.8.3.928, v. 12.4.1.99, firmware: 1.90.2.77, release 6.1.99.7", None),
        ("Section 4.1.2.3 and 12.10.3.4, Chrome/99.0.4.84, lib-1.2.3.204, 1.2.3.204-beta, 1.2.3.204rc1", None),
        ("1.2.3.204.5, 1.200.300.4, 081.2.69.142, 1234.5.6.78, 3,81.2.69.142", None),
        ("12:30:45, 00:1A:2B:3C:4D:5E, std::vector, a::b, ::1, fe80::1, 2001:db8::1, Foo::Bar, dead::beef", None),
        ("2a00:1450:4001:81b:1:2:3:4:5, 2a00::1::2, 2a00:1450, sha 2a:00:14:50:40:01:81:1b:00:11:22:33", None),
    ],
)
def test_public_ip_addresses(text: str, expected: str | None) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IBAN: DE89 3704 0044 0532 0130 00.", "IBAN: <IBAN>."),
        ("GB29NWBK60161331926819, FR14 2004 1010 0505 0001 3M02 606", "<IBAN>, <IBAN>"),
        ("MT84 MALT 0110 0001 2345 MTLC AST0 01S OR CASH", "<IBAN> OR CASH"),
        ("NO93 8601 1117 947 BIC DNBANOKK", "<IBAN> BIC DNBANOKK"),
        ("DE88 3704 0044 0532 0130 00", None),
        ("DE89 3704 0044 0532 0130 0", None),
        ("DE89 3704 0044 0532 0130 001", None),
        ("XDE89370400440532013000, QQ89 3704 0044 0532 0130 00", None),
        ("order AB12 3456 7890 1234 5678, GB29 Main Street", None),
    ],
)
def test_ibans(text: str, expected: str | None) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "5555 5555 5555 4444", "2223003122003222",
        "3782 822463 10005", "3056 930902 5904", "6011 1111 1111 1117", "3530111333300000", "6200000000000005",
    ],
)  # fmt: skip
def test_payment_cards(number: str) -> None:
    check(f"paid with {number}, 12/27", "paid with <CARD>, 12/27")
    for other in range(1, 10):
        wrong = number[:-1] + str((int(number[-1]) + other) % 10)
        check(f"paid with {wrong}, 12/27", None)


@pytest.mark.parametrize(
    "text",
    [
        "ISBN 978-3-16-148410-0, ISBN 9783161484100, ISSN 0378-5955, EAN 4006381333931",
        "1234 5678 9012 3452 and 9111 1111 1111 1111",
        "0.4111111111111111, 4111111111111111.5, $4111111111111111, 4111 1111 1111 1111 1111",
        "/status/4111111111111111, id=4111111111111111, #4111111111111111, a4111111111111111, 4111111111111111b",
        "1234 4111 1111 1111 1111, 4111 1111-1111 1111, 41111 111111 11111",
        "4111 1111 1111 1111€, 4111_1111_1111_1111",
        "of no issuer: 2100000000001235, 6600000000001231",
    ],
)
def test_what_only_looks_like_a_card(text: str) -> None:
    check(text, None)


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("br", "CPF 390.533.447-05"),
        ("ca", "Social insurance number: 123 456 782"),
        ("de", "Steuer-ID: 36 574 261 809"),
        ("de", "Ihre steuerliche Identifikationsnummer lautet 36574261809"),
        ("es", "con D.N.I. 54362315-K"),
        ("es", "NIE X-2482300-W"),
        ("fr", "N° de sécurité sociale : 2 95 10 99 126 111 93"),
        ("gb", "National Insurance number AB 12 34 56 C"),
        ("gb", "NINO: AB123456C"),
        ("in", "Aadhaar: 2341 2341 2346"),
        ("it", "C.F. RCCMNL83S18D969H"),
        ("nl", "BSN 111222333"),
        ("pl", "PESEL: 44051401359"),
        ("us", "SSN 536-90-4399"),
    ],
)
def test_identity_numbers(country: str, text: str) -> None:
    masked, counts = privacy.mask(f"{text}.", [f"id_{country}"])
    assert masked.endswith(" <ID>.")
    assert counts["id"] == 1
    assert privacy.mask(text, ["email", "card", "phone"]).text == text
    digit = next(index for index in range(len(text) - 1, 0, -1) if text[index].isdigit())
    wrong = f"{text[:digit]}{(int(text[digit]) + 1) % 10}{text[digit + 1 :]}"
    if country not in ("gb", "us"):  # these two have no check digit
        assert privacy.mask(wrong, [f"id_{country}"]).text == wrong


def test_identity_numbers_without_their_name_or_form_stay() -> None:
    check("order 36574261809, part 111222333, lot 44051401359, 123 456 782, 2341 2341 2346, AB123456C", None)
    check("000-12-3456, 666-12-3456, 123-45-67890, 2023-12-2024, 1-536-90-4399", None)
    check("NINO GB123456C, NINO AB123456E, DNI 54362315, DNI 54362315-KX", None)


def test_prose_with_many_numbers_stays() -> None:
    text = (
        f"{PROSE} On 2024-05-17 at 10:15:30, 12/05/1999, 3.14159265358979, 1,234,567.89, €1.299,00, 52.5200, 13.4050, "
        "+52° 31' 12\", x = a + b - 12345678901234567890, 6.02e+23, d41d8cd98f00b204e9800998ecf8427e, RFC 2616, "
        "550e8400-e29b-41d4-a716-446655440000, 1-800-FLOWERS, 10^100, 0xDEADBEEF, ENSG00000141510, 3:2, 1.0.0, "
        "report_2024.03.12.184.pdf, DOI 10.1000/182.3.4, p < 0.05, AS64496, 1920x1080, 16:9, 2 000 000 000 000, "
        "UPS 1Z9999999999999999, ASIN B00005N5PF, 978 0 306 40615 7, tracking 9400 1000 0000 0000 0000 00"
    )
    check(text, None)


def test_only_the_kinds_asked_for_are_masked() -> None:
    text = "a@b.org 81.2.69.142 4111 1111 1111 1111"
    check(text, "<EMAIL> 81.2.69.142 4111 1111 1111 1111", ("email",))
    check(text, "<EMAIL> <IP> <CARD>", privacy.DEFAULT)
    check(text, None, ())


def test_where_two_kinds_claim_a_place_one_placeholder_stands() -> None:
    check("+4930901820@host.org and GB29NWBK60161331926819", "<EMAIL> and <IBAN>")


def test_masking_twice_changes_nothing() -> None:
    once = privacy.mask("a@b.org, +49 30 901820, 81.2.69.142", EVERYTHING).text
    assert privacy.mask(once, EVERYTHING) == (once, dict.fromkeys(privacy.COUNTERS, 0))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    ["a", "a@", "a.", "@a.", "+1 ", "+", "a@b.", "a@a.a", "1", "1 ", "1.", "1.1.1.1", ":", "a:", "::", "2a00:", "4111 ",
     "DE89", "DE89 ", "AB 12 34 56 ", "@" + "a-" * 40, "nino ", "1-", "+49 30 901820 "],
)  # fmt: skip
def test_no_text_makes_the_masking_slow(piece: str) -> None:
    privacy.mask(piece * (200_000 // len(piece)), EVERYTHING)


@pytest.mark.timeout(20)
def test_a_page_made_to_trap_patterns_takes_no_time(shared_data: Path) -> None:
    trap = gzip.decompress((shared_data / "hostile_warc" / "37_redos_email_1MB.warc.gz").read_bytes()).decode()
    assert len(trap) > 1_000_000
    privacy.mask(trap, EVERYTHING)


def test_random_text_never_breaks_it() -> None:
    draw = random.Random(0)
    for _ in range(2_000):
        text = "".join(draw.choices(string.ascii_letters[:8] + "0123456789.:@+- /\u00a0é", k=60))
        masked, counts = privacy.mask(text, EVERYTHING)
        assert sum(counts.values()) == masked.count("<")
