"""Whom an HTTP client believes: an https address is verified, and a plain one costs nothing."""

import ssl

import httpx

from shared.kernel.http_trust import trust_for


def test_an_https_address_is_verified():
    """Certificates and names are checked, by the usual authorities."""
    trust = trust_for("https://register.example")
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert trust.get_ca_certs()


def test_a_plain_address_reads_no_authority_and_believes_nobody(monkeypatch):
    """Nothing is read for it; were it TLS all the same, every certificate would be refused."""
    monkeypatch.setattr(httpx, "create_ssl_context", None)
    trust = trust_for("http://127.0.0.1:27420")
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert not trust.get_ca_certs()
