"""What a private RabbitMQ node reads at boot: its files, as text, and its environment.

Limit: sized for one machine that does other work too; docs say what a cluster needs instead.
"""

import base64
import hashlib
import json
import os
import secrets
from pathlib import Path

from deploy.engines.layout import Layout

# The stack's own port mapper keeps equal names of two stacks apart, and the name is part of the data's
# path: were the port base in it, a stack moved to other ports would silently start empty.
NODE_NAME = "alongside@localhost"
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


def node_environment(layout: Layout, *, log_file: Path) -> dict[str, str]:
    """All the node and its control commands know; nothing of the caller's environment leaks in."""
    folder = layout.rabbit_dir
    first_port, last_port = layout.rabbit_command_ports
    loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
    return {
        "PATH": os.defpath + ":/usr/sbin:/sbin:/usr/local/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "ERL_CRASH_DUMP": str(layout.logs_dir / "erl_crash.dump"),
        "ERL_EPMD_PORT": str(layout.epmd_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": NODE_NAME,
        "RABBITMQ_DIST_PORT": str(layout.rabbit_distribution_port),
        "RABBITMQ_CTL_DIST_PORT_MIN": str(first_port),
        "RABBITMQ_CTL_DIST_PORT_MAX": str(last_port),
        "RABBITMQ_CTL_ERL_ARGS": loopback,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": loopback,
        # Two bound nodes on one machine would fight for the same cores.
        "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
        # Files that are not there, so that the system's own settings are not read.
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOGS": str(log_file),
        "RABBITMQ_LOG_BASE": str(layout.logs_dir),
        "RABBITMQ_PID_FILE": str(folder / "server.pid"),
        # Makes the script become the server, so that the pid we start is the pid we signal.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def _password_hash(password: str) -> str:
    """RabbitMQ's own form: base64 of a 32-bit salt and SHA-256 of salt and password."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
