"""Engines: a private MongoDB and a private RabbitMQ under one home folder, for one machine.

Promise: starting is idempotent, only processes we started are ever stopped, nothing listens beyond
127.0.0.1, and two homes with two port bases never meet.
Shown by tests/engines/test_processes.py and tests/engines/test_layout.py.
Limit: one node each, for demos, development and tests; a service in use runs clusters (docs).
"""
