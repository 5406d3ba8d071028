"""A manifest is one host's, and no checkpoint of its log can be taken for one."""

from datetime import UTC, datetime

import pytest

from deploy.leaving.errors import PackageUnreadableError
from deploy.leaving.signing import check_signed, read_keys, sign_manifest
from shared.kernel.tenancy import TenantId
from shared.transparency.log_key import LogKey
from shared.transparency.notes import Checkpoint

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOST = TenantId("alder")
KEY = LogKey.draw()


def keys_of(key):
    return read_keys("".join(f"{one.line}\n" for one in key.public("alongside/alder/audit")))


def test_what_the_log_key_signed_is_believed():
    """With the two lines that `alongside audit keys` prints."""
    note = sign_manifest(KEY, HOST, b"manifest", 7, NOON)
    assert check_signed(note, b"manifest", 7, keys_of(KEY), "alder") == NOON


@pytest.mark.parametrize(
    ("manifest", "files", "key", "host"),
    [
        (b"another", 7, KEY, "alder"), (b"manifest", 8, KEY, "alder"), (b"manifest", 7, LogKey.draw(), "alder"),
        (b"manifest", 7, KEY, "rowan"),
    ],
)  # fmt: skip
def test_anything_else_is_not(manifest, files, key, host):
    """Another manifest, another number of files, another key, another host."""
    note = sign_manifest(KEY, HOST, b"manifest", 7, NOON)
    with pytest.raises(PackageUnreadableError):
        check_signed(note, manifest, files, keys_of(key), host)


def test_a_checkpoint_of_the_log_is_no_signature_of_a_manifest():
    """Though the same key made it over the same bytes."""
    root = bytes.fromhex("05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f")
    note = KEY.sign(Checkpoint(origin="alongside/alder/audit", size=7, root=root, at=NOON))
    with pytest.raises(PackageUnreadableError):
        check_signed(note, b"manifest", 7, keys_of(KEY), "alder")


@pytest.mark.parametrize("text", ["", "x", "alongside/alder/audit+00000000+AQ=="])
def test_what_are_no_keys_is_refused(text):
    """Also one line alone."""
    with pytest.raises(PackageUnreadableError, match="two lines"):
        read_keys(text)
    with pytest.raises(PackageUnreadableError, match="two lines"):
        read_keys(KEY.public("alongside/alder/audit")[0].line)
