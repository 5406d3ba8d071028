"""KEDA's view of a tenant: workers follow the length of every queue that they read.

Limit: more workers help only while the database keeps up; order holds whatever their number.
"""

from typing import Any

from deploy.render.broker import scaler_user, secret_of
from deploy.render.names import resource
from shared.bus.topology import topology_of
from shared.kernel.tenancy import TenantId

API = "keda.sh/v1alpha1"
FEWEST, MOST = 2, 6
MESSAGES_A_WORKER = 500
"""A worker more for each so many messages that wait in one queue: a few full batches."""


def scaling_resources(tenant: TenantId) -> list[dict[str, Any]]:
    """The scaled worker and the right to look at its queues."""
    authentication = "broker"
    secret = secret_of(scaler_user(tenant))
    may = {"secretTargetRef": [{"parameter": "host", "name": secret, "key": "host"}]}
    triggers = [
        {
            "type": "rabbitmq",
            "metadata": {
                "protocol": "amqp",
                "mode": "QueueLength",
                "queueName": subscription.queue,
                "value": str(MESSAGES_A_WORKER),
            },
            "authenticationRef": {"name": authentication},
        }
        for subscription in topology_of(tenant).subscriptions
    ]
    scaled = {
        "scaleTargetRef": {"name": "worker"},
        "minReplicaCount": FEWEST,
        "maxReplicaCount": MOST,
        "pollingInterval": 15,
        "cooldownPeriod": 300,
        "triggers": triggers,
    }
    return [
        resource(API, "TriggerAuthentication", authentication, may),
        resource(API, "ScaledObject", "worker", scaled),
    ]
