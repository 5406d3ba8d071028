"""Engines that others start, in containers or on a cluster: versions, ports, and settings on which promises rest.

``k8s/engines`` says them once more, by its operators' kinds; a test compares (tests/k8s/test_compose_and_k8s.py).
"""

from deploy.engines.mongod import TRANSACTION_S
from shared.runtime.database_engine import COMPRESSORS

MONGO_VERSION = "7.0.28"
RABBITMQ_TAG = "3.13-management"
DATABASE_PORT = 27017
AMQP_PORT, AMQPS_PORT, MANAGEMENT_PORT = 5672, 5671, 15672
DATABASE_CONFIG = {
    # Marks rest on it: no transaction lives longer.
    "setParameter.transactionLifetimeLimitSeconds": TRANSACTION_S,
    # Never zlib (CVE-2025-14847).
    "net.compression.compressors": COMPRESSORS,
}
"""By MongoDB's own names."""
