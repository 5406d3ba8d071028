"""AMQP queues of the host's own systems, filled from the event store.

The room publishes and counts; queue, user and rights are made by the provisioner alone (``deploy.provision.queues``).
"""
