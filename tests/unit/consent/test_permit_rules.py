"""What may be given of a person, as their ledger says: a no wins, and what is not known is one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.consent.ledger.keys import consent_key
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import DIRECT, Entry
from services.consent.ledger.terms import Terms
from services.consent.permits.rules import Wanted, lasts_until, refusal

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PURPOSE, LAWYER = "SHARE_WITH_LEGAL_REPRESENTATIVE", "LEGAL_REPRESENTATIVE"
WANTED = Wanted(purpose=PURPOSE, recipient_class=LAWYER, data_classes=("IMMIGRATION", "NRM"))
YES = Entry(
    status="GIVEN", said_at=NOW - DAY, recorded_at=NOW - DAY, actor_id="a", source=DIRECT, text_hash="a" * 64,
    recipient_class=LAWYER,
)  # fmt: skip


def ledger(*lines):
    return Consent(id=consent_key("s", PURPOSE), survivor_id="s", purpose=PURPOSE, entries=lines)


def ended(status, **values):
    return replace(YES, status=status, said_at=NOW, recorded_at=NOW, ends_through=NOW, **values)


def judged(*lines, wanted=WANTED, stopped=False, restricted=False, at=NOW):
    return refusal(wanted, ledger(*lines), stopped=stopped, restricted=restricted, at=at)


def test_only_a_yes_to_these_very_things_lets_them_go():
    """In force, to known words, for these recipients and every kind."""
    assert judged(YES) is None
    limited = replace(YES, terms=Terms(data_classes=("IMMIGRATION", "NRM", "HEALTH")))
    assert judged(limited) is None


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((), "UNKNOWN"),
        ((replace(YES, status="REQUESTED"),), "REQUESTED"),
        ((replace(YES, status="DEFERRED"),), "DEFERRED"),
        ((replace(YES, status="REFUSED", ends_through=NOW),), "REFUSED"),
        ((replace(YES, status="RECONFIRM_REQUIRED"),), "RECONFIRM_REQUIRED"),
        *(((YES, ended(code)), code) for code in ("WITHDRAWN", "INVALIDATED", "REVOKED_BY_CONTROLLER",
                                                   "CAPACITY_NOT_ESTABLISHED")),
        ((replace(YES, said_at=NOW - 366 * DAY),), "EXPIRED"),
        ((replace(YES, terms=Terms(valid_until=NOW)),), "EXPIRED"),
        ((replace(YES, terms=Terms(capacity="NOT_ESTABLISHED")),), "CAPACITY_NOT_ESTABLISHED"),
        ((replace(YES, text_hash=None),), "RECONFIRM_REQUIRED"),
        ((replace(YES, recipient_class=None),), "RECONFIRM_REQUIRED"),
        ((replace(YES, recipient_class="NAMED_AGENCY"),), "RECONFIRM_REQUIRED"),
        ((replace(YES, terms=Terms(data_classes=("NRM",))),), "NOT_ALL_OF_IT"),
    ],
)  # fmt: skip
def test_each_other_ledger_says_why_not(lines, reason):
    """The reason is the ledger's own, or what the yes lacks."""
    assert judged(*lines) == reason


@pytest.mark.parametrize(
    "wanted",
    [
        replace(WANTED, purpose="INVENTED"),
        replace(WANTED, purpose="AGGREGATE_STATISTICS", recipient_class="PROJECT_BOARD", data_classes=("COUNTED_CODES",)),
        replace(WANTED, recipient_class="FUNDER"),
        replace(WANTED, data_classes=("NRM", "IMAGE_OR_VOICE")),
        replace(WANTED, data_classes=()),
    ],
)  # fmt: skip
def test_what_a_purpose_does_not_take_is_refused_whatever_they_said(wanted):
    """Recipients and kinds stand in the register; the statistics let nothing of one person go."""
    assert judged(YES, wanted=wanted) == "NOT_OF_PURPOSE"


def test_a_stop_of_everything_comes_before_a_yes_and_so_does_a_restriction():
    """Also before one that is in force."""
    assert judged(YES, stopped=True) == "EVERYTHING_STOPPED"
    assert judged(YES, restricted=True) == "RESTRICTED"


def test_a_permission_lasts_minutes_and_never_beyond_the_yes():
    """Five minutes, or until the yes ends, whichever comes first."""
    assert lasts_until(ledger(YES), NOW) == NOW + timedelta(minutes=5)
    short = replace(YES, terms=Terms(valid_until=NOW + timedelta(minutes=2)))
    assert lasts_until(ledger(short), NOW) == NOW + timedelta(minutes=2)
