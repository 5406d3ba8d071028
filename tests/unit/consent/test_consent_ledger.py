"""The consent ledger: what is effective, what a file may say, and what it may never override."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consent.gate.rules import rule
from services.consent.ledger.errors import NothingToWithdrawError, SaidInFutureError
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import EFFECTIVE, GIVEN, REFUSED, WITHDRAWN, Entry
from services.consent.ledger.statements import Statement, weigh
from services.consent.wordings.rules import Wording

NOW = datetime(2026, 8, 1, tzinfo=UTC)
PURPOSE = "AGGREGATE_STATISTICS"
WORDING = Wording(
    code="w1",
    purpose=PURPOSE,
    recipient_class="PROJECT_BOARD",
    languages=(),
    valid_from=NOW - timedelta(days=100),
    valid_to=None,
)
WHOLE = Statement(
    stated="GIVEN",
    said_at=NOW - timedelta(days=3),
    wording_code="w1",
    language="en",
    method="VERBAL_IN_PERSON",
    setting_private=True,
)


def entry(status=GIVEN, *, said=0, recorded=0, source="DIRECT"):
    return Entry(
        status=status,
        said_at=NOW + timedelta(days=said),
        recorded_at=NOW + timedelta(days=recorded),
        actor_id="a",
        source=source,
    )


def empty():
    return Consent(id="c", survivor_id="s", purpose=PURPOSE)


class TestWeigh:
    def test_whole_and_registered_is_given(self):
        """Date, registered wording, language, method and a private setting make it effective."""
        assert weigh(WHOLE, PURPOSE, [WORDING]) == GIVEN

    @pytest.mark.parametrize(
        "missing",
        [
            {"said_at": None},
            {"wording_code": None},
            {"language": None},
            {"method": None},
            {"setting_private": None},
            {"setting_private": False},
        ],
    )
    def test_anything_missing_must_be_asked_again(self, missing):
        """One missing part makes it a yes that counts for nothing yet."""
        assert weigh(replace(WHOLE, **missing), PURPOSE, [WORDING]) == "RECONFIRM_REQUIRED"

    @pytest.mark.parametrize(
        "wording",
        [
            replace(WORDING, code="w2"),
            replace(WORDING, purpose="STORY_OR_MEDIA"),
            replace(WORDING, recipient_class="POLICE"),
            replace(WORDING, languages=("cy",)),
            replace(WORDING, valid_from=NOW),
            replace(WORDING, valid_to=NOW - timedelta(days=50)),
        ],
    )
    def test_words_registered_for_something_else_do_not_help(self, wording):
        """Code, purpose, language and days must all be those of the wording."""
        assert weigh(WHOLE, PURPOSE, [wording]) == "RECONFIRM_REQUIRED"

    def test_a_bare_yes_a_no_and_a_blank(self):
        """Yes must be asked again, no is no, a blank is nothing said."""
        stated = [
            weigh(replace(WHOLE, stated=s), PURPOSE, [WORDING]) for s in ("YES_UNSPECIFIED", "REFUSED", "NOT_STATED")
        ]
        assert stated == ["RECONFIRM_REQUIRED", "REFUSED", "UNKNOWN"]


def withheld(consent, at):
    """Why the gate would say nothing of this survivor's episodes; None where it would release them."""
    return rule(consent, excluded=False, recorded_in_error=False, facts_recorded_at=NOW, at=at).reason


class TestLedger:
    def test_a_withdrawal_is_effective_when_said_and_adds_a_line(self):
        """Nothing is deleted; from the moment said it permits nothing."""
        given_ = empty().decided(entry())
        ended = given_.withdrawn(entry(said=5, recorded=9))
        assert ended.status == WITHDRAWN
        assert len(ended.entries) == 2
        assert withheld(ended, NOW + timedelta(days=6)) == WITHDRAWN

    def test_there_is_nothing_to_withdraw_from_a_refusal(self):
        """Only a given permission can end."""
        with pytest.raises(NothingToWithdrawError):
            empty().decided(entry(REFUSED)).withdrawn(entry(said=1, recorded=1))

    def test_nothing_is_said_tomorrow(self):
        """A decision said later than it is written down is refused."""
        with pytest.raises(SaidInFutureError):
            empty().decided(entry(said=2, recorded=1))

    def test_a_permission_runs_out_after_a_year(self):
        """At the end of its validity it permits nothing."""
        consent = empty().decided(entry())
        assert withheld(consent, NOW + timedelta(days=364)) is None
        assert withheld(consent, NOW + timedelta(days=365)) == "EXPIRED"

    def test_a_file_never_overrides_what_a_person_recorded(self):
        """After a direct withdrawal an imported yes changes no line."""
        ended = empty().decided(entry()).withdrawn(entry(said=1, recorded=1))
        after = ended.weighed(WHOLE, [WORDING], entry(recorded=3, source="IMPORT"))
        assert after.entries == ended.entries

    def test_the_same_statement_again_adds_nothing(self):
        """Importing the same row twice leaves the ledger as it was."""
        once = empty().weighed(WHOLE, [WORDING], entry(source="IMPORT"))
        twice = once.weighed(WHOLE, [WORDING], entry(recorded=2, source="IMPORT"))
        assert twice == once

    def test_a_blank_in_a_later_file_overrides_nothing(self):
        """The same yes in a narrower layout keeps its day, words, language and method, and goes on to count."""
        once = empty().weighed(WHOLE, [WORDING], entry(source="IMPORT"))
        blank = dict.fromkeys(("said_at", "wording_code", "language", "method", "setting_private"))
        later = once.weighed(replace(WHOLE, **blank), [WORDING], entry(recorded=2, source="IMPORT"))
        assert (later.status, later.statement) == (GIVEN, WHOLE)
        assert withheld(later, NOW) is None

    def test_a_corrected_statement_is_in_force_and_the_old_line_stays_readable(self):
        """A file that now says no ends the yes it had said; both lines stand."""
        once = empty().weighed(WHOLE, [WORDING], entry(source="IMPORT"))
        corrected = once.weighed(replace(WHOLE, stated="REFUSED"), [WORDING], entry(recorded=2, source="IMPORT"))
        assert corrected.status == REFUSED
        assert len(corrected.entries) == 2

    @given(st.lists(st.sampled_from(["give", "refuse", "withdraw", "import"]), max_size=12))
    def test_effective_is_exactly_what_the_last_direct_word_says(self, steps):
        """Any order: once a person has spoken directly, their last word decides; files only before."""
        consent, expected, direct = empty(), False, False
        for day, step in enumerate(steps):
            line = entry(said=day, recorded=day)
            if step == "give":
                consent, expected, direct = consent.decided(line), True, True
            elif step == "refuse" and consent.status not in EFFECTIVE:
                consent, expected, direct = consent.decided(replace(line, status=REFUSED)), False, True
            elif step == "withdraw" and consent.status in EFFECTIVE:
                consent, expected, direct = consent.withdrawn(line), False, True
            elif step == "import":
                consent = consent.weighed(WHOLE, [WORDING], entry(recorded=day, source="IMPORT"))
                expected = expected if direct else True
        assert (consent.status in EFFECTIVE) is expected
