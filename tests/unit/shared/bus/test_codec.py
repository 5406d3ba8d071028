"""An envelope is taken only if tenant, source, sender and subject are what they have to be; else it is poison."""

import json

import pytest

from shared.bus.codec import ForgedSourceError, MalformedMessageError, TenantMismatchError, decode, encode
from shared.bus.names import ATTEMPT, ORIGIN_USER
from shared.kernel.clock import real_now
from shared.kernel.ids import new_event_id, new_id

OURS, THEIRS = "alder", "birch"


def envelope(*, tenant=OURS, user=None, subject=None, **headers):
    """A right one of a tenant's case service, but for what a test changes; as (headers, properties, body)."""
    episode = new_id()
    content = {"episode_id": episode, "survivor_id": new_id(), "advocate_id": None, "nation_of_support": "WALES"}
    made = encode(
        event={
            "id": new_event_id(), "type": "alongside.case.episode_opened.v1", "subject": subject or episode,
            "sequence": 3, "body": json.dumps(content).encode(),
        },
        tenant_id=tenant, recorded_at=real_now(), broker_user=user or f"{tenant}.case", streams={"consent": 7},
    )  # fmt: skip
    return {**made.headers, **headers}, made.properties, made.body


def read(made, *, tenants=frozenset({OURS}), users=frozenset({f"{OURS}.case"})):
    headers, properties, body = made
    return decode(
        headers=headers, properties=properties, body=body, consumer="consent", allowed_tenants=tenants,
        allowed_users=users, own_user=f"{OURS}.consent", operator=f"{OURS}.operator",
    )  # fmt: skip


def test_a_right_envelope_gives_the_fact():
    """With its sender, its place in the aggregate and its number in the stream."""
    received = read(envelope())
    assert (received.sender, received.sequence, received.stream_n) == (OURS, 3, 7)


class TestTenants:
    def test_another_tenants_message_is_refused_whatever_else_fits(self):
        """Its own source and a broker user who may speak here: the tenant alone decides, by its own code."""
        with pytest.raises(TenantMismatchError):
            read(envelope(tenant=THEIRS), users=frozenset({f"{OURS}.case", f"{THEIRS}.case"}))

    def test_a_source_of_another_tenant_is_refused(self):
        """Nobody states another's facts under our name."""
        with pytest.raises(MalformedMessageError, match="source"):
            read(envelope(**{"ce-source": f"/tenants/{THEIRS}/case"}))

    def test_where_hosts_may_send_each_courier_speaks_for_its_own(self):
        """The vhost is open to every rostered host, and to none in another's name."""
        anybody = {"tenants": None, "users": frozenset({"courier.*"})}
        assert read(envelope(tenant=THEIRS, user=f"courier.{THEIRS}"), **anybody).sender == THEIRS
        with pytest.raises(ForgedSourceError):
            read(envelope(tenant=THEIRS, user=f"courier.{OURS}"), **anybody)


class TestSenders:
    @pytest.mark.parametrize("user", [f"{OURS}.reporting", f"{THEIRS}.case", "guest"])
    def test_nobody_speaks_for_another_source(self, user):
        """The broker checks who publishes; this checks that they may."""
        with pytest.raises(ForgedSourceError):
            read(envelope(user=user))

    @pytest.mark.parametrize("user", [f"{OURS}.consent", f"{OURS}.operator"])
    def test_a_message_that_comes_back_counts_as_its_first_sender_s(self, user):
        """From the retry ladder under our own user, from the parking queue under the operator's."""
        returned = {ATTEMPT: 1, ORIGIN_USER: f"{OURS}.case"}
        assert read(envelope(user=user, **returned)).sender == OURS
        for forged in ({**returned, ORIGIN_USER: f"{OURS}.reporting"}, {ORIGIN_USER: f"{OURS}.case"}):
            with pytest.raises(ForgedSourceError):
                read(envelope(user=user, **forged))


def test_the_subject_is_the_facts_own():
    """Order and deduplication go by it."""
    with pytest.raises(MalformedMessageError, match="subject"):
        read(envelope(subject=new_id()))


@pytest.mark.parametrize("number", [0, -1, "7", True, 2**63, 1.5])
def test_a_number_that_is_none_is_refused(number):
    """A wrong one could make a gap look closed."""
    with pytest.raises(MalformedMessageError, match="stream number"):
        read(envelope(**{"x-stream-consent": number}))
