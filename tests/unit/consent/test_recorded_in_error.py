"""What an undone import had said of a consent: its yes counts no longer, its no becomes a question, other noes stand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import Entry
from services.consent.ledger.statements import Statement
from services.consent.wordings.rules import Wording

NOW, DAY = datetime(2026, 8, 1, tzinfo=UTC), timedelta(days=1)
WORDS = Wording(
    code="w1", purpose="AGGREGATE_STATISTICS", recipient_class="PROJECT_BOARD", languages=(), valid_from=NOW - 99 * DAY,
    valid_to=None,
)  # fmt: skip


def said(stated, day):
    return Statement(
        stated=stated, said_at=NOW + day * DAY, wording_code="w1", language="en", method="WRITTEN", setting_private=True
    )


def line(day, source="IMPORT", status="UNKNOWN"):
    return Entry(status=status, said_at=NOW + day * DAY, recorded_at=NOW + day * DAY, actor_id="a", source=source)


def ledger(*steps):
    """Steps: who said it (a file or a person), what, and on which day."""
    consent = Consent(id="c", survivor_id="s", purpose="AGGREGATE_STATISTICS")
    for by, stated, day in steps:
        if by == "file":
            consent = consent.weighed(said(stated, day), [WORDS], line(day))
        else:
            consent = consent.decided(line(day, source="DIRECT", status=stated))
    return consent


def retracted(consent, earlier):
    return consent.retracted(earlier, [WORDS], line(20))


NOTHING = replace(said("NOT_STATED", 0), said_at=None)


@pytest.mark.parametrize(
    ("steps", "earlier", "status"),
    [
        ((("file", "GIVEN", 1),), NOTHING, "RECONFIRM_REQUIRED"),
        ((("file", "GIVEN", 1), ("file", "GIVEN", 3)), said("GIVEN", 1), "GIVEN"),
        ((("file", "GIVEN", 1), ("file", "REFUSED", 3)), said("GIVEN", 1), "RECONFIRM_REQUIRED"),
        ((("file", "REFUSED", 1), ("file", "GIVEN", 3)), said("REFUSED", 1), "REFUSED"),
        ((("file", "GIVEN", 1), ("person", "REFUSED", 3)), NOTHING, "REFUSED"),
        ((("person", "GIVEN", 1), ("file", "WITHDRAWN", 3)), NOTHING, "RECONFIRM_REQUIRED"),
        ((("person", "GIVEN", 1), ("file", "GIVEN", 3)), NOTHING, "GIVEN"),
    ],
)
def test_what_stands_after_an_undo(steps, earlier, status):
    """Nobody who said no is counted by it, and nothing is taken out of the ledger."""
    before = ledger(*steps)
    after = retracted(before, earlier)
    assert after.status == status
    assert len(after.entries) >= len(before.entries)
    if any(stated in ("REFUSED", "WITHDRAWN") for _, stated, _ in steps):
        assert not after.is_effective(NOW + 21 * DAY)
        again = after.weighed(said("GIVEN", 1), [WORDS], line(22))
        assert not again.is_effective(NOW + 23 * DAY)
