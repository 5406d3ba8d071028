"""Tokens without a server."""

import base64
import contextlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.tenancy import Principal, TenantId
from shared.web import tokens
from shared.web.tokens import LIFETIME_S, TokenIssuer, TokenRefusedError, TokenVerifier

HOST, OTHER = TenantId("host"), TenantId("other")
KEY, NEXT_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def public(key):
    return key.public_key().public_bytes_raw().hex()


def principal(tenant=HOST):
    return Principal(
        actor_id="a-1", tenant_id=tenant, organisation_id="o-1", role="IMSA", scopes=frozenset({"imports:write"})
    )


def issue(*, key=KEY, tenant=HOST, issuer="host", audience=None):
    return TokenIssuer(key.private_bytes_raw().hex(), issuer=issuer).issue(principal(tenant), audience_tenant=audience)


def verifier(*keys):
    return TokenVerifier([public(key) for key in keys or (KEY,)], tenant_id=HOST, issuer="host")


def refused(header, *keys):
    with pytest.raises(TokenRefusedError):
        verifier(*keys).verify(header)
    return True


class TestVerify:
    def test_gives_the_principal_that_was_issued(self):
        """Nobody is asked: the public key alone says who it is."""
        assert verifier().verify(f"Bearer {issue()}") == principal()

    def test_takes_tokens_of_every_key_in_force(self):
        """So that a new key can be put in place while old tokens are out."""
        for key in (KEY, NEXT_KEY):
            assert verifier(NEXT_KEY, KEY).verify(f"bearer {issue(key=key)}") == principal()

    def test_refuses_another_tenant_s_audience_issuer_and_key(self):
        """Each of the three alone is enough."""
        assert refused(f"Bearer {issue(audience=OTHER)}")
        assert refused(f"Bearer {issue(issuer='other')}")
        assert refused(f"Bearer {issue(key=NEXT_KEY)}")

    @pytest.mark.parametrize(
        ("begins_in_s", "taken"),
        [
            (-10, True),
            (0, True),
            (30, True),
            (120, False),
            (10**9, False),
            ("soon", False),
            (True, False),
            (None, False),
        ],
    )
    def test_refuses_a_token_before_its_beginning(self, monkeypatch, begins_in_s, taken):
        """RFC 7519, 4.1.5; two machines' clocks may differ by a minute. What is no number begins never."""
        encode = tokens.jwt.encode
        begins = tokens.time.time() + begins_in_s if type(begins_in_s) is int else begins_in_s
        begins = int(begins) if type(begins) is float else begins
        monkeypatch.setattr(
            tokens.jwt, "encode", lambda head, claims, key, **more: encode(head, {**claims, "nbf": begins}, key, **more)
        )
        header = f"Bearer {issue()}"
        monkeypatch.undo()
        assert refused(header) if not taken else verifier().verify(header) == principal()

    def test_refuses_a_token_from_its_end_on(self, monkeypatch):
        """15 minutes of real time."""
        token = issue()
        now = tokens.time.time()
        monkeypatch.setattr(tokens.time, "time", lambda: now + LIFETIME_S - 5)
        assert verifier().verify(f"Bearer {token}") == principal()
        monkeypatch.setattr(tokens.time, "time", lambda: now + LIFETIME_S + 1)
        assert refused(f"Bearer {token}")

    def test_refuses_another_algorithm(self):
        """Neither none nor a MAC under the public key."""
        header, payload, signature = issue().split(".")
        for algorithm in ("none", "HS256", "RS256"):
            forged = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
            assert refused(f"Bearer {forged}.{payload}.{signature}")
        assert header

    @given(header=st.text(max_size=200))
    def test_refuses_any_text_without_failing(self, header):
        """Whatever stands in the header, the answer is the same."""
        assert refused(header)
        assert refused(f"Bearer {header}")

    @given(
        header=st.dictionaries(
            st.sampled_from(["alg", "crit", "b64", "kid", "jwk", "typ"]),
            st.sampled_from([None, 1, True, "Ed25519", "none", [], ["b64"], {}, {"kty": "OKP"}]),
        ),
        payload=st.binary(max_size=40),
        signature=st.binary(min_size=64, max_size=64),
    )
    def test_refuses_any_forged_token_without_failing(self, header, payload, signature):
        """Also where a library might stumble over the header."""
        parts = (json.dumps(header).encode(), payload, signature)
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        assert refused(f"Bearer {token}", NEXT_KEY, KEY)

    def test_every_key_checks_one_signature_whatever_was_sent(self, monkeypatch):
        """So the time tells nothing: good, foreign, expired, garbage and none cost the same."""
        from joserfc._rfc9864.jws_eddsa import EdDSAAlgorithm

        checked = []
        original = EdDSAAlgorithm.verify

        def counting(self, *arguments):
            checked.append(1)
            return original(self, *arguments)

        monkeypatch.setattr(EdDSAAlgorithm, "verify", counting)
        header, payload, signature = issue().split(".")
        unknown = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
        sent = [
            None, "", "Bearer", "Bearer a.b.c", "Basic QTpC", f"Bearer {issue()}", f"Bearer {issue(audience=OTHER)}",
            f"Bearer {issue(key=Ed25519PrivateKey.generate())}", f"Bearer {unknown}.{payload}.{signature}",
            f"Bearer {header}.{payload}.{'_' * 86}", f"Bearer ..{signature}", "Bearer " + "x" * 100_000,
        ]  # fmt: skip
        both = verifier(NEXT_KEY, KEY)
        counts = set()
        for text in sent:
            checked.clear()
            with contextlib.suppress(TokenRefusedError):
                both.verify(text)
            counts.add(len(checked))
        assert counts == {2}
