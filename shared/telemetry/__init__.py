"""Telemetry: logs, traces and metrics that cannot carry what a person told us; no network by default.

Limit: allow-lists watch names and shapes; an id or a code is still information about its case, so a
tenant's telemetry goes to the tenant's operator only.
"""
