"""What a consent cell says, in the languages that exports use: a no is never read as anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codelists.consent_words import GIVEN, NOES, NOT_STATED, read_consent, says_withdrawn
from shared.codelists.lists import get

REFUSED = (
    "Refused", "refused.", " REFUSED ", "No", "n", "N", "false", "FALSE", "0", "0.0", "Declined", "Said no", "No (by phone)",
    "Not given", "did not consent", "doesn't agree", "No consent", "Objected", "Never", "\u274c", "Consent: no", "DECLINED_CONSENT",
    "Na", "Nage", "Gwrthodwyd", "Jo", "Refuzuar", "Kh\u00f4ng", "khong", "T\u1eeb ch\u1ed1i", "Nu", "Refuzat", "Nie", "Odmowa",
    "Odm\u00f3wi\u0142a", "\u0644\u0627", "\u0631\u0641\u0636", "Maya", "\u5426", "\u4e0d\u540c\u610f", "\u62d2\u7edd", "Hindi",
    "\u0928\u0939\u0940\u0902", "\u0a28\u0a39\u0a40\u0a02", "\u0646\u06d5\u062e\u06ce\u0631", "\u0646\u0647", "\u12a3\u12ed\u134b\u120d",
    "Non", "N\u00e3o", "Nein", "\u043d\u0435\u0442", "Hay\u0131r", "Nem", "Tidak",
)  # fmt: skip
WITHDRAWN = (
    "Withdrawn", "withdrew 05/10/2026", "No longer", "no longer consents", "Revoked", "Opted out", "opt-out", "Given, then withdrawn",
    "Yes (withdrawn by phone)", "Changed her mind", "Expired", "Cancelled", "Tynnwyd yn \u00f4l", "wedi tynnu'n \u00f4l", "T\u00ebrhequr",
    "\u0110\u00e3 r\u00fat l\u1ea1i", "Retras", "Wycofana", "wycofa\u0142a zgod\u0119", "\u0633\u062d\u0628", "Ka noqday", "\u64a4\u56de",
    "\u5df2\u64a4\u56de\u540c\u610f", "Binawi", "Retir\u00e9", "Widerrufen", "\u043e\u0442\u043e\u0437\u0432\u0430\u043d\u043e",
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"), [(REFUSED, "REFUSED"), (WITHDRAWN, "WITHDRAWN")], ids=["refused", "withdrawn"]
)
def test_a_no_in_any_language(words, said):
    """Each of these, with capitals, spaces and a full stop around it."""
    for word in words:
        for spelling in (word, word.upper(), f"  {word}. ", f"\u200b{word}"):
            if spelling.strip() != "NA":
                assert read_consent(spelling) == said, spelling


@pytest.mark.parametrize(
    "word", ["Perhaps", "?", "x", "NA", "-", "see notes", "\u0646\u0639\u0645", "yes, no interpreter", "y" * 5_000]
)
def test_what_is_in_no_list_is_never_a_yes(word):
    """None: the caller takes it for a no."""
    assert read_consent(word) is None


@pytest.mark.parametrize("mark", ["?", " ?", " (?)", "\u00bf", "\u061f", "\uff1f", "*", "~", "\u2026", "/", " \u2020"])
@pytest.mark.parametrize("word", ["Given", "said yes"])
def test_a_yes_with_a_doubt_beside_it_is_none(word, mark):
    """A question mark or a footnote: a person reads it, and until then nobody is counted by it."""
    assert read_consent(word + mark) is None
    assert read_consent(word) == read_consent(f"{word}.") == read_consent(f'"{word}"!') == GIVEN


def test_a_yes_and_nothing_said():
    """Only these are a yes that may count; nothing said is nothing said."""
    assert {read_consent(word) for word in ("Given", "GIVEN", "Said yes", "Renewed")} == {GIVEN}
    assert {read_consent(word) for word in ("Yes", "y", "true", "1", "agreed")} == {"YES_UNSPECIFIED"}
    assert {read_consent(word) for word in ("", "  ", "Not asked yet", "unknown", "N/A", "N/K", "n/k", "NK")} == {
        NOT_STATED
    }
    assert {read_consent(word) for word in ("N", "N.", "n / a - no", "N/K - refused")} == {"REFUSED"}


def test_our_own_states_come_back_in():
    """Every code and label of the ledger's states is read, and no state that permits nothing becomes a yes that counts."""
    statuses = get("consent_status")
    for code, entry in statuses.entries.items():
        for word in (code, entry.label_en):
            assert read_consent(word) is not None, word
            assert (read_consent(word) == GIVEN) is (code in {"GIVEN", "RENEWED"}), word
    for code in ("REFUSED", "WITHDRAWN", "INVALIDATED", "REVOKED_BY_CONTROLLER", "EXPIRED", "CAPACITY_NOT_ESTABLISHED"):
        assert read_consent(code) in NOES


@given(st.text(max_size=40), st.sampled_from(["withdrawn", "refused", "no longer"]), st.text(max_size=40))
def test_a_word_for_no_wins_over_whatever_surrounds_it(before, word, after):
    """Anywhere in the cell, parted from other words."""
    assert read_consent(f"{before} {word} {after}") in NOES


def test_a_column_of_withdrawals():
    """Empty, no and a dash say that it did not end; a day, a yes and whatever cannot be read say that it did."""
    assert not any(
        map(says_withdrawn, ("", " ", "No", "n", "false", "0", "N/A", "none", "-", "\u2013", "Not withdrawn"))
    )
    assert all(map(says_withdrawn, ("07/10/2026", "Yes", "true", "1", "?", "see letter", "ja", "\u2713", "46302")))
