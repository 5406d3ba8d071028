"""Names a route for metrics: the template of its address, never an address with its ids filled in."""

import re

from shared.telemetry.log_fields import is_route

_CONVERTER = re.compile(r"<(?:[^<>:]*(?:\([^)]*\))?:)?([a-z_]+)>")


def route_label(rule: str | None) -> str:
    """Give ``/v1/users/<user_id>`` of a Flask rule, ``/unknown`` where no route fits, ``/page`` for the root."""
    if rule is None:
        return "/unknown"
    if not rule.strip("/"):
        return "/page"
    label = _CONVERTER.sub(r"<\1>", rule).replace("-", "_").replace(".", "_")
    return label if is_route(label) else "/other"
