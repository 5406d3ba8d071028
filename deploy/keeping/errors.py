"""What can be wrong with a backup, a restore or the place for it; each says what mends it."""

from pathlib import Path

from shared.kernel.errors import InvalidInputError, RuleViolationError, TemporarilyUnavailableError


class RecipientError(InvalidInputError):
    """A recipient is not an age public key."""

    code = "backup-recipient"

    def __init__(self) -> None:
        """Say what one looks like."""
        super().__init__(
            "The recipient is not an age public key. One begins with age1; alongside backup-key prints it. "
            "The identity file stays with whoever may restore."
        )


class IdentityFileError(InvalidInputError):
    """An identity file cannot be used."""

    code = "backup-identity-file"

    def __init__(self, path: Path, why: str) -> None:
        """Name the file, never what stands in it."""
        super().__init__(f"The identity file {path} {why}. It holds a line AGE-SECRET-KEY-1… as age-keygen writes it.")


class BackupExistsError(RuleViolationError):
    """The folder holds a backup already."""

    code = "backup-exists"

    def __init__(self, folder: Path) -> None:
        """Name the folder."""
        super().__init__(f"The folder {folder} holds a backup already. Give each backup a new folder.")


class WrongIdentityError(RuleViolationError):
    """The identity does not open the file."""

    code = "backup-wrong-identity"

    def __init__(self, path: Path) -> None:
        """Name the file."""
        super().__init__(
            f"The identity does not open {path}: it was encrypted to another recipient, or its head is damaged. "
            "Give the identity whose public key the backup was made with. Nothing was changed."
        )


class DamagedBackupError(RuleViolationError):
    """A file is not what was written."""

    code = "backup-damaged"

    def __init__(self, path: Path, what: str) -> None:
        """Name the file and what does not hold."""
        super().__init__(f"The backup file {path} {what}. Take another copy of it. Nothing was changed.")


class ForeignBackupError(RuleViolationError):
    """A file holds something else than its place says."""

    code = "backup-foreign"

    def __init__(self, path: Path, wanted: str) -> None:
        """Name the file and what was looked for; never whose it is."""
        super().__init__(
            f"The file {path} is not {wanted}. Put each file back where its backup wrote it. Nothing was changed."
        )


class NotInBackupError(RuleViolationError):
    """The backup has no such tenant."""

    code = "backup-without-tenant"

    def __init__(self, tenant: str, kept: list[str]) -> None:
        """Name what it has."""
        super().__init__(f"The backup does not hold tenant {tenant}. It holds: {', '.join(kept) or 'none'}.")


class OldKeysError(RuleViolationError):
    """The keys are older than others that are known; the newest key table always wins."""

    code = "backup-keys-old"

    def __init__(self, tenant: str, what: str) -> None:
        """Say what is newer."""
        super().__init__(
            f"The keys file of {tenant} is refused: {what}. An older one could bring erased people's keys back, or "
            "lacks the keys of people added since. Give the newest with --keys. Nothing was changed."
        )


class NotEmptyError(RuleViolationError):
    """The stack has something of the tenant already."""

    code = "restore-not-empty"

    def __init__(self, tenant: str, what: str) -> None:
        """Say what was found."""
        super().__init__(
            f"Tenant {tenant} is here already ({what}). A restore goes into an empty stack: choose a new "
            "ALONGSIDE_HOME, or delete this one with: alongside reset. Nothing was changed."
        )


class SnapshotTooOldError(TemporarilyUnavailableError):
    """Reading took longer than the database keeps its history."""

    code = "backup-snapshot-too-old"

    def __init__(self, window_s: int) -> None:
        """Give the window in seconds."""
        super().__init__(
            f"The database keeps {window_s} s of history and reading took longer. Back up fewer tenants at a time "
            "with --tenant, or raise minSnapshotHistoryWindowInSeconds, then run this again."
        )


class KeysMovedError(TemporarilyUnavailableError):
    """Key file and key table could not be read as of one time."""

    code = "backup-keys-moved"

    def __init__(self, tenant: str) -> None:
        """Name the tenant."""
        super().__init__(
            f"The tenant key of {tenant} was replaced while the backup ran (an erasure is under way). Run it again in "
            "a minute; see: alongside erase status."
        )


class RestoreUnprovenError(RuleViolationError):
    """The checks after a restore found something."""

    code = "restore-unproven"

    def __init__(self, problems: list[str]) -> None:
        """Say what was found; ids of documents at most."""
        super().__init__(
            "The restored data is not complete or does not match; do not start its processes. Found: "
            + "; ".join(problems[:10])
            + (f"; and {len(problems) - 10} more" if len(problems) > 10 else "")  # noqa: PLR2004  As many as are shown.
            + ". Restore another backup into a new ALONGSIDE_HOME."
        )
