"""The manifest of a backup: which files it has, with their digests, and of what instant it is.

It is readable without the identity and holds no count: how many people a host supports is nobody's business
who merely keeps the disk. Counts and digests of each collection stand inside the encrypted files.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bson import Timestamp

from deploy.engines.secret_files import write_private
from deploy.keeping.age_files import digest_of
from deploy.keeping.contents import FORMAT
from deploy.keeping.errors import BackupExistsError, DamagedBackupError

NAME = "manifest.json"
KEYS_FOLDER = "keys"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What one backup wrote.

    Attributes:
        cluster_time: Seconds since 1970 and ordinal of MongoDB's cluster time that every file shows.
        recovery_point: The same as an instant in UTC; what was recorded later is not in the backup.
        data: For each tenant SHA-256 and size of its data file.
        keys: For each tenant SHA-256 and size of the keys file that was written with it.
    """

    cluster_time: tuple[int, int]
    recovery_point: str
    data: dict[str, dict[str, Any]]
    keys: dict[str, dict[str, Any]]
    format: int = FORMAT

    @classmethod
    def of(cls, moment: Timestamp, data: dict[str, dict[str, Any]], keys: dict[str, dict[str, Any]]) -> "Manifest":
        """Describe files of one moment."""
        point: datetime = moment.as_datetime()
        return cls(cluster_time=(moment.time, moment.inc), recovery_point=point.isoformat(), data=data, keys=keys)

    def write(self, folder: Path) -> str:
        """Write it last of all, so that a folder without one is no backup; give its SHA-256."""
        write_private(folder / NAME, json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")
        return digest_of(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read it.

        Raises:
            DamagedBackupError: It is missing, of another format or no manifest.
        """
        path = folder / NAME
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise DamagedBackupError(path, f"has format {content['format']}, this version reads {FORMAT}")
            return cls(**{**content, "cluster_time": tuple(content["cluster_time"])})
        except FileNotFoundError as error:
            raise DamagedBackupError(path, "is missing, so the folder does not hold a finished backup") from error
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedBackupError(path, "is not a manifest") from error

    def check_data(self, folder: Path, tenant: str) -> None:
        """Compare a data file with its digest.

        Raises:
            DamagedBackupError: They differ.
        """
        if digest_of(data_file(folder, tenant)) != self.data[tenant]["sha256"]:
            raise DamagedBackupError(data_file(folder, tenant), "does not have the digest that the manifest says")


def refuse_a_used_folder(folder: Path) -> None:
    """Refuse a folder that has a backup.

    Raises:
        BackupExistsError: It has.
    """
    if (folder / NAME).exists():
        raise BackupExistsError(folder)


def data_file(folder: Path, tenant: str) -> Path:
    """Name a tenant's data file."""
    return folder / f"{tenant}.data.age"


def keys_file(folder: Path, tenant: str) -> Path:
    """Name a tenant's keys file; one slot, replaced by each backup."""
    return folder / f"{tenant}.keys.age"
