"""The files a private RabbitMQ node reads at boot, as text.

Limit: sized for one machine that does other work too; docs say what a cluster needs instead.
"""

import base64
import hashlib
import json
import secrets
from pathlib import Path

from deploy.engines.layout import Layout

ADMIN_USER = "alongside-admin"
MEMORY_WATERMARK = 0.4
ENABLED_PLUGINS = "[rabbitmq_management].\n"

_SALT_BYTES = 4


def server_config(layout: Layout, *, definitions_file: Path) -> str:
    """``rabbitmq.conf``: loopback only, modest limits, users from the definitions file."""
    lines = [
        f"listeners.tcp.1 = 127.0.0.1:{layout.amqp_port}",
        "management.tcp.ip = 127.0.0.1",
        f"management.tcp.port = {layout.rabbit_management_port}",
        # With definitions to load the server makes neither the user guest nor the vhost "/".
        f"load_definitions = {definitions_file}",
        f"vm_memory_high_watermark.relative = {MEMORY_WATERMARK}",
        "disk_free_limit.absolute = 200MB",
        # The default log of 512 MB for quorum queues would be read back at every start.
        "raft.wal_max_size_bytes = 67108864",
        "log.file.level = info",
        "log.file.rotation.size = 10485760",
        "log.file.rotation.count = 3",
    ]
    return "\n".join([*lines, ""])


def definitions(*, admin_password: str) -> str:
    """The definitions file: one administrator; it holds the password's salted hash only."""
    admin = {
        "name": ADMIN_USER,
        "password_hash": _password_hash(admin_password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator",
    }
    return json.dumps({"users": [admin]})


def _password_hash(password: str) -> str:
    """RabbitMQ's own form: base64 of a 32-bit salt and SHA-256 of salt and password."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
