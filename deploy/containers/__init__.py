"""Containers: what docker-compose.yml runs beside the services — secrets, provisioning, health."""
