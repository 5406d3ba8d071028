"""Whom an HTTP client of ours believes, made as seldom as it can be: to read all authorities takes 30 ms of CPU.

Promise: an https address is verified as ever; for a plain one nothing is read, and were it answered by TLS all the
same, nobody would be believed (``tests/unit/shared/test_http_trust.py``).
"""

import ssl
from functools import cache

_PLAIN = "http://"


def trust_for(url: str) -> ssl.SSLContext:
    """Give what to verify an address with."""
    return _nobody() if url.startswith(_PLAIN) else _everybody()


@cache
def _nobody() -> ssl.SSLContext:
    # This kind checks names and certificates, and has no authority to believe.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def _everybody() -> ssl.SSLContext:
    import httpx  # noqa: PLC0415  For https only.

    return httpx.create_ssl_context(trust_env=False)
