"""Signatures by Standard Webhooks, verified by the specification's own library."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from services.integrations.webhooks.signing import ED25519, HMAC, WebhookKey, draw_key, signed_headers

BODY = '{"a":1}'


def verify_ed25519(public, headers, body):
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    for one in headers["webhook-signature"].split(" "):
        version, _, signature = one.partition(",")
        if version == "v1a":
            try:
                key.verify(base64.b64decode(signature), signed)
            except InvalidSignature:
                continue
            return True
    return False


def test_a_known_signature():
    """The vector of the specification's own documentation."""
    key = WebhookKey(kind=HMAC, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, tz=UTC)
    headers = signed_headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_shared_secret_verifies_and_nothing_else_does():
    """Body, id and time are all signed."""
    key = draw_key(HMAC)
    headers = signed_headers([key], "e-case", datetime.now(UTC), BODY)
    assert Webhook(key.shown).verify(BODY, headers) == {"a": 1}
    changed = [
        (BODY + " ", headers),
        (BODY, {**headers, "webhook-id": "other"}),
        (BODY, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}),
    ]
    for body, given in changed:
        with pytest.raises(WebhookVerificationError):
            Webhook(key.shown).verify(body, given)
    with pytest.raises(WebhookVerificationError):
        Webhook(draw_key(HMAC).shown).verify(BODY, headers)


def test_an_ed25519_key_shows_its_public_half_only():
    """Whoever holds it can verify and not sign."""
    key = draw_key(ED25519)
    assert key.shown.startswith("whpk_")
    assert key.secret not in key.shown
    headers = signed_headers([key], "e-case", datetime.now(UTC), BODY)
    assert verify_ed25519(key.shown, headers, BODY)
    assert not verify_ed25519(key.shown, headers, BODY + " ")
    assert not verify_ed25519(draw_key(ED25519).shown, headers, BODY)


@pytest.mark.parametrize("kind", [HMAC, ED25519])
def test_while_a_key_is_rotated_each_key_verifies(kind):
    """A receiver may hold the old one or the new one."""
    new, old = draw_key(kind), draw_key(kind)
    headers = signed_headers([new, old], "e-case", datetime.now(UTC), BODY)
    for key in (new, old):
        if kind == HMAC:
            assert Webhook(key.shown).verify(BODY, headers)
        else:
            assert verify_ed25519(key.shown, headers, BODY)


def test_what_was_sent_long_ago_is_refused_by_receivers():
    """The library's five minutes go by our time stamp."""
    key = draw_key(HMAC)
    headers = signed_headers([key], "e-case", datetime.now(UTC) - timedelta(minutes=6), BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(key.shown).verify(BODY, headers)


def test_keys_are_not_printed():
    """Neither in a log nor in a traceback."""
    key = draw_key(HMAC)
    assert key.secret not in repr(key)
