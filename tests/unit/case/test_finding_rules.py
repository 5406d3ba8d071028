"""What counts as the same name, telephone number or reference, however it was written."""

import pytest

from services.case.finding.rules import (
    MOST_NUMBERS,
    NAME,
    REFERENCE,
    TELEPHONE,
    Said,
    folded_name,
    folded_number,
    numbers_in,
)

BRITISH = "447700900123"


@pytest.mark.parametrize(
    "written",
    [
        "Nguyễn Thị Đào",
        "NGUYEN THI DAO",
        "  dao,  thi nguyen ",
        "Thị Đào-Nguyễn",
        "Dao\u00a0Thi\tNguyen",
        "nguyen_thi_dao",
    ],
)
def test_case_accents_spaces_and_order_are_no_difference(written):
    """Of one name there is one form."""
    assert folded_name(written) == folded_name("nguyen thi dao")


@pytest.mark.parametrize("written", ["Nguyen Thi", "Nguyen Thi Dao Anh", "Nguyen Thi Dau"])
def test_another_name_is_another_name(written):
    """Nobody is found by a part of a name, or by one that sounds like it."""
    assert folded_name(written) != folded_name("Nguyen Thi Dao")


@pytest.mark.parametrize("nothing", [None, "", "  ", "-", "x", "'"])
def test_what_is_no_name_finds_nobody(nothing):
    """One letter would be everybody's."""
    assert folded_name(nothing) is None


@pytest.mark.parametrize(
    "written",
    ["07700 900123", "+44 7700 900123", "+44 (0)7700 900 123", "0044 7700-900123", "7700900123", "(07700) 900.123",
     "Text 07700 900123 after six, no calls"],
)  # fmt: skip
def test_a_british_number_is_one_number_however_it_is_written(written):
    """Also where a spreadsheet took the first zero."""
    assert numbers_in(written) == [BRITISH]


def test_several_numbers_of_one_text_are_told_apart():
    """By words between them, by a plus, or by where the next one begins; each once, and not without end."""
    assert numbers_in("07700 900123 07700 900456") == [BRITISH, "447700900456"]
    assert numbers_in("07700 900123; friend +355 69 123 0405; 0117 496 0000") == [
        BRITISH,
        "355691230405",
        "441174960000",
    ]
    assert numbers_in("07700 900123, +44 7700 900123") == [BRITISH]
    assert len(numbers_in(", ".join(f"07700 9001{n}" for n in range(10, 40)))) == MOST_NUMBERS


@pytest.mark.parametrize(
    "nothing", [None, "", "knock twice", "flat 12, after 18.30", "1234567", "0" * 30, "٠٧٧٠٠٩٠٠١٢٣"]
)
def test_what_is_no_number_finds_nobody(nothing):
    """Nor do two numbers where one is asked for."""
    assert folded_number(nothing) is None
    assert folded_number("07700 900123 or 07700 900456") is None


def test_each_kind_stands_for_itself():
    """A number that is also a reference is looked for as each, and what was not said is not looked for."""
    said = Said(name=" Ida ", contact="07700900123", reference=" ref 7 ")
    assert said.folded() == {(NAME, "ida"), (TELEPHONE, BRITISH), (REFERENCE, "ref7")}
    assert Said().folded() == frozenset()
    assert Said(reference="07700900123").folded() == {(REFERENCE, "07700900123")}
