"""When a delivery is tried again, and when its endpoint is warned of and disabled."""

from datetime import UTC, datetime, timedelta

import pytest

from services.integrations.webhooks import rules
from services.integrations.webhooks.rules import DELAYS, Delivery, Endpoint, Outcome, delay_after

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ENDPOINT = Endpoint(
    id="e", url=b"", host="h.example.org", types=None, kind="HMAC", key=b"1", position=0, enabled_at=NOW, updated_at=NOW
)
DELIVERY = Delivery(
    id="e.1", endpoint_id="e", position=1, type="t", webhook_id="w", queued_at=NOW, next_at=NOW, updated_at=NOW,
    expires_at=NOW + timedelta(days=90),
)  # fmt: skip


def met(status, reason="ANSWERED"):
    return Outcome(status=status, reason=reason, took_ms=1)


class TestRetries:
    def test_the_delays_are_the_specification_s(self):
        """5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 hours, each up to a tenth longer; then no more."""
        seconds = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
        assert [delay_after(n, draw=lambda: 0.0).total_seconds() for n in range(1, 10)] == seconds
        assert [delay_after(n, draw=lambda: 1.0).total_seconds() for n in range(1, 10)] == pytest.approx(
            [s * 1.1 for s in seconds]
        )
        assert delay_after(10, draw=lambda: 0.0) is None

    def test_a_delivery_is_tried_ten_times(self):
        """It waits between, and is given up at the end."""
        one, at = DELIVERY, NOW
        for n, delay in enumerate(DELAYS, 1):
            one = one.after(met(500), at, draw=lambda: 0.0)
            assert (one.state, one.attempts, one.next_at) == (rules.WAITING, n, at + delay)
            at = one.next_at
        assert one.after(met(500), at, draw=lambda: 0.0).state == rules.GIVEN_UP

    @pytest.mark.parametrize(
        ("status", "sent"),
        [
            (200, True),
            (204, True),
            (299, True),
            (301, False),
            (304, False),
            (400, False),
            (429, False),
            (500, False),
            (None, False),
            (199, False),
        ],
    )
    def test_only_2xx_has_arrived(self, status, sent):
        """A redirect is a failure as any other."""
        assert (DELIVERY.after(met(status), NOW, draw=lambda: 0.0).state == rules.SENT) is sent

    def test_a_test_is_tried_once(self):
        """Somebody waits for what became of it."""
        test = Delivery(**{**{f: getattr(DELIVERY, f) for f in DELIVERY.__dataclass_fields__}, "position": None})
        assert test.after(met(500), NOW, draw=lambda: 0.0).state == rules.GIVEN_UP

    def test_again_begins_anew(self):
        """With all its attempts before it, and due at once."""
        later = NOW + timedelta(days=9)
        again = DELIVERY.given_up("TOO_OLD", NOW).again(later)
        assert (again.state, again.attempts, again.queued_at, again.next_at) == (rules.WAITING, 0, later, later)


class TestHealth:
    def test_410_disables_at_once(self):
        """Its owner wants no more; the delivery itself is not tried again."""
        after = ENDPOINT.after(met(410), NOW)
        assert (after.status, after.disabled_for) == (rules.DISABLED, rules.GONE)
        assert DELIVERY.after(met(410), NOW, draw=lambda: 0.0).state == rules.GIVEN_UP

    def test_it_is_warned_of_after_two_days_and_disabled_after_five(self):
        """Counted from the first failure after the last success."""
        failing = ENDPOINT.after(met(None, "TIMED_OUT"), NOW)
        assert (failing.failing_since, failing.warned) == (NOW, False)
        assert failing.disables_at == NOW + timedelta(days=5)
        assert not failing.after(met(500), NOW + timedelta(days=2, seconds=-1)).warned
        warned = failing.after(met(500), NOW + timedelta(days=2))
        assert (warned.status, warned.warned, warned.failing_since) == (rules.ACTIVE, True, NOW)
        assert warned.aged(NOW + timedelta(days=5, seconds=-1)).status == rules.ACTIVE
        disabled = warned.aged(NOW + timedelta(days=5))
        assert (disabled.status, disabled.disabled_for) == (rules.DISABLED, rules.FAILED_FOR_DAYS)

    def test_one_success_ends_the_count(self):
        """And the warning."""
        warned = ENDPOINT.after(met(500), NOW).aged(NOW + timedelta(days=3))
        well = warned.after(met(200), NOW + timedelta(days=3))
        assert (well.failing_since, well.warned, well.disables_at) == (None, False, None)

    def test_enabling_begins_anew(self):
        """What was queued before it is not sent by itself, and old failures do not count."""
        later = NOW + timedelta(days=6)
        again = ENDPOINT.after(met(500), NOW).disabled(rules.BY_PERSON, NOW).enabled(later)
        assert (again.status, again.enabled_at, again.failing_since, again.disabled_for) == (
            rules.ACTIVE,
            later,
            None,
            None,
        )
        assert again.enabled(later + timedelta(days=1)) is again

    def test_the_first_reason_stays(self):
        """A person who disables what was disabled changes nothing."""
        gone = ENDPOINT.disabled(rules.GONE, NOW)
        assert gone.disabled(rules.BY_PERSON, NOW + timedelta(days=1)) is gone


class TestRotation:
    def test_both_sign_until_the_overlap_ends(self):
        """Then the new one alone."""
        turned = ENDPOINT.rotated(b"2", at=NOW, overlap=timedelta(hours=24))
        assert turned.signs_with(NOW + timedelta(hours=23)) == [b"2", b"1"]
        assert turned.signs_with(NOW + timedelta(hours=24)) == [b"2"]

    def test_without_overlap_the_old_key_is_gone(self):
        """It was found by somebody, perhaps."""
        turned = ENDPOINT.rotated(b"2", at=NOW, overlap=timedelta())
        assert (turned.signs_with(NOW), turned.former_key) == ([b"2"], None)
