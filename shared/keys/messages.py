"""Signs and checks messages between servers, whole: see ``shared.contracts.signed``."""

from dataclasses import replace
from typing import TypeVar

from shared.contracts.reporting import SeedSubmitted, ShareSubmitted
from shared.contracts.signed import SignedMessage, signed_bytes
from shared.contracts.task import SEED, SHARE, report_message, task_message
from shared.keys.signing import SignatureRefusedError, SigningKey, check_signature

Message = TypeVar("Message", bound=SignedMessage)


def sign_message(message: Message, key: SigningKey) -> Message:
    """Give the message with this party's signature over every value."""
    return replace(message, message_signature=key.sign(signed_bytes(message)))


def check_message(message: SignedMessage, public: str, *, required: bool = True) -> None:
    """Check a message before anything of it is used.

    Args:
        message: As it came.
        public: The key of the party that must have stated it.
        required: Whether it must be signed whole; False only in tasks of an older policy version.

    Raises:
        SignatureRefusedError: A value is not what that party signed, or the signature is missing.
    """
    if message.message_signature is None:
        if required:
            raise SignatureRefusedError
        return
    check_signature(public, message.message_signature, signed_bytes(message))


def check_report(report: ShareSubmitted | SeedSubmitted, public: str, *, required: bool) -> None:
    """Check the three signatures of one half of a report: of the message, of the task and of the half.

    Args:
        report: As it came.
        public: The host's key on the task's roster.
        required: As for ``check_message``.

    Raises:
        SignatureRefusedError: One of them does not fit.
    """
    check_message(report, public, required=required)
    half = SHARE if isinstance(report, ShareSubmitted) else SEED
    place = {"task_hash": report.task_hash, "host": report.host, "report_id": report.report_id}
    check_signature(public, report.task_signature, task_message(report.task_hash))
    check_signature(public, report.signature, report_message(half, **place, sealed=report.sealed))
