"""Renders a tenant's Kubernetes folder from the code: queues, users, rights and settings are never typed twice."""
