"""Refuses a MongoDB whose heap anybody on the network can read without a login (CVE-2025-14847).

An affected mongod answers a malformed zlib message with parts of its memory, before any authentication. It is closed
by a fixed version, or by not offering zlib: ``networkMessageCompressors: snappy,zstd``. What a member offers is asked
of the member itself, so a configuration file that nobody loaded does not count.

Shown by tests/engines/test_heap_leak.py, which sends the message.
Source: https://jira.mongodb.org/browse/SERVER-115508.
"""

from collections.abc import Sequence
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from shared.runtime.context import ConfigurationError

COMPRESSORS = "snappy,zstd"
"""What every mongod of ours offers."""

# The first fixed release of each line that got one; of 8.2's successors none was ever affected.
_FIXED = {(4, 4): 30, (5, 0): 32, (6, 0): 27, (7, 0): 28, (8, 0): 17, (8, 2): 3}
_LAST_AFFECTED_LINE = (8, 2)
_ONE_TRY_MS = 2_000
_ANSWER_MS = 10_000
"""For each question, signing in counted."""

Client = MongoClient[dict[str, Any]]


class LeakyDatabaseError(ConfigurationError):
    """A MongoDB server of an affected version offers zlib; exit code 78."""

    code = "database-leaks-memory"

    def __init__(self, version: str) -> None:
        """Name the version and both ways out."""
        super().__init__(
            f"MongoDB {version} offers zlib compression, through which anybody who reaches its port reads parts of its "
            f"memory without a login (CVE-2025-14847). Start it with networkMessageCompressors: {COMPRESSORS}, or take "
            "6.0.27, 7.0.28, 8.0.17 or newer. If this stack started it: alongside down, then alongside up."
        )
        self.version = version


def is_affected(version: Sequence[int]) -> bool:
    """Whether a release has the fault; a line that never got a fix has it for good.

    Args:
        version: Such as ``(6, 0, 5)``; what stands behind the third number does not matter.
    """
    line = (version[0], version[1])
    if line in _FIXED:
        return version[2] < _FIXED[line]
    return line < _LAST_AFFECTED_LINE


def refuse_leaky_member(client: Client) -> None:
    """Look at the member that this client speaks to.

    Raises:
        LeakyDatabaseError: It is affected and offers zlib.
        PyMongoError: It does not answer.
    """
    # "hello" is answered with those of the named compressors that the server has (MongoDB's wire protocol).
    offered = client.admin.command("hello", compression=["zlib"]).get("compression", ())
    if "zlib" not in offered:
        return
    built = client.admin.command("buildInfo")
    if is_affected(built["versionArray"]):
        raise LeakyDatabaseError(str(built["version"]))


def refuse_leaky_members(uri: str) -> None:
    """Look at every member of a replica set that answers; one that is away can leak nothing now.

    Args:
        uri: Of a user who may sign in at each member.

    Raises:
        LeakyDatabaseError: One is affected and offers zlib.
        PyMongoError: None answers.
    """
    client: Client = MongoClient(uri, serverSelectionTimeoutMS=_ONE_TRY_MS * 3, timeoutMS=_ANSWER_MS)
    with client:
        refuse_leaky_member(client)
        members = [tuple(name.rsplit(":", 1)) for name in client.admin.command("hello").get("hosts", ())]
        seen = client.address
    parsed = parse_uri(uri)
    ours = {"replicaset", "timeoutms"}
    options = {name: value for name, value in parsed["options"].items() if name.lower() not in ours}
    for host, port in members:
        if (host, int(port)) == seen:
            continue
        with MongoClient(
            host,
            int(port),
            **options,
            username=parsed["username"],
            password=parsed["password"],
            directConnection=True,
            serverSelectionTimeoutMS=_ONE_TRY_MS,
            timeoutMS=_ANSWER_MS,
        ) as member:
            try:
                refuse_leaky_member(member)
            except PyMongoError:
                continue
