"""Our own codes and labels come back in: whatever the product shows, a file may say (invariant I11)."""

import pytest

from shared.codelists import exploitation
from shared.codelists.errors import UnknownCodeError
from shared.codelists.lists import get, names
from shared.codelists.words import read

IMPORTED = ("gender", "nation", "advocacy_area", "consent_method", "language", "age_band")
ALL = [(name, code) for name in names() for code in get(name).codes]


@pytest.mark.parametrize("name", sorted({name for name, _ in ALL}))
def test_every_code_and_label_of_every_list_reads_as_itself(name):
    """In either case, in English and Welsh, with underscores or spaces; no label of a list means two codes."""
    for code, entry in get(name).entries.items():
        for word in (code, entry.label_en, entry.label_cy or code, entry.label_en.upper(), f"  {code.lower()} "):
            assert read(name, word) == code, (name, word)


@pytest.mark.parametrize("code", get("exploitation_type").codes)
def test_every_exploitation_code_and_label_reads_as_itself(code):
    """Also the answers of someone who was not asked or declined."""
    for word in (code, get("exploitation_type").label(code)):
        assert exploitation.parse(word) == {code}


@pytest.mark.parametrize("name", IMPORTED)
@pytest.mark.parametrize("word", ["", "planted", "?", "x" * 5_000])
def test_what_is_in_no_list_raises_and_is_not_repeated(name, word):
    """It never becomes "other"."""
    with pytest.raises(UnknownCodeError) as caught:
        read(name, word)
    assert not word or word == "?" or word not in str(caught.value)


def test_usual_words_of_hosts_systems():
    """A few of each list, as they stand in exports."""
    assert read("gender", "F") == "FEMALE"
    assert read("nation", "Cymru") == "WALES"
    assert read("advocacy_area", "benefits") == "WELFARE_BENEFITS"
    assert read("consent_method", "via interpreter") == "VIA_INTERPRETER"
    assert read("language", "Albanian") == "sq"
