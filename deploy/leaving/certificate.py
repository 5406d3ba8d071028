"""The certificate that a host was deleted: what is gone since when, what lapses and when, and what stays and why.

It is signed with the key of the host's audit log, which is destroyed right after it: so whoever holds the log's two
lines of keys can verify it, and nobody can ever write another one. Shown by tests/unit/deploy/test_leaving_signing.py.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.engines.secret_files import write_private
from deploy.leaving.errors import PackageUnreadableError
from deploy.leaving.journal import Journal
from deploy.leaving.signing import check_signed, read_keys, sign_manifest
from shared.kernel.tenancy import TenantId
from shared.transparency.log_key import LogKey

FORMAT = 1
WHAT = "deletion"

_CLOSED = "closed since the keys were destroyed: what was sealed opens nowhere; ids, codes and times stand till then"
_REMAINS = (
    {
        "what": "published figures at the board",
        "why": "sums of several organisations, rounded; nobody can be found in them, and nothing can be taken out",
    },
    {
        "what": "size, root and time of the audit log, cosigned, at board and custodian",
        "why": "so that nobody can change afterwards what the log said; they name nobody",
    },
    {
        "what": "the organisation's name and id at the board, and here the record of this deletion",
        "why": "so that figures say who sent them, and no other host is given this id",
    },
)


def certificate_of(journal: Journal) -> dict[str, Any]:
    """Write down what a journal says, up to now."""
    return {
        "format": FORMAT,
        "certifies": WHAT,
        "host": journal.tenant,
        "name": journal.name,
        "stated": journal.stated,
        "package": journal.package,
        "begun_at": journal.begun_at,
        "gone": journal.steps,
        "lapses": [
            {"what": "the broker's queues", "when": journal.steps["QUEUES_GONE"], "how": "deleted with their vhost"},
            {
                "what": "the database's own log",
                "when": f"as newer entries replace them; it went back {journal.oplog_hours} hours when this began",
                "how": _CLOSED,
            },
            {
                "what": "backups of data",
                "when": journal.backups_gone_on,
                "how": f"by the operator's word; {_CLOSED}",
            },
            {
                "what": "backups of keys",
                "when": journal.backups_gone_on,
                "how": "destroyed by hand, by the operator's word: with one of them a backup of data still opens",
            },
        ],
        "remains": list(_REMAINS),
        "audit_log": journal.log,
    }


def signature_file(certificate: Path) -> Path:
    """Say where its signature lies."""
    return certificate.with_name(f"{certificate.name}.sig")


def write_certificate(journal: Journal, log_key: Path, to: Path) -> None:
    """Write it and its signature; to do it twice gives another time and the same facts."""
    content = json.dumps(certificate_of(journal), indent=1) + "\n"
    note = sign_manifest(
        LogKey.load(log_key),
        TenantId(journal.tenant),
        content.encode(),
        len(journal.steps),
        datetime.now(UTC),
        what=WHAT,
    )
    write_private(to, content)
    write_private(signature_file(to), note)


def verify_certificate(file: Path, keys: str) -> dict[str, Any]:
    """Give what a certificate says, once its signature fits.

    Args:
        file: The certificate; its signature lies beside it.
        keys: The two lines of keys of the host's audit log.

    Raises:
        PackageUnreadableError: It is none, or it is not signed with these keys.
    """
    try:
        content, note = file.read_bytes(), signature_file(file).read_text(encoding="utf-8")
        said = json.loads(content)
        host, steps = said["host"], len(said["gone"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PackageUnreadableError("This is no certificate, or its signature is not beside it.") from error
    signed_at = check_signed(note, content, steps, read_keys(keys), host, what=WHAT)
    return {**said, "signed_at": signed_at.isoformat()}
