"""Names a route for metrics: the template of its address, never an address with its ids filled in."""

import re

_CONVERTER = re.compile(r"<(?:[^<>:]*(?:\([^)]*\))?:)?([a-z_]+)>")


def route_label(rule: str | None) -> str:
    """Give ``/v1/users/<user_id>`` of a Flask rule, ``/unknown`` where no route fits, ``/page`` for the root."""
    if rule is None:
        return "/unknown"
    return _CONVERTER.sub(r"<\1>", rule).replace("-", "_").replace(".", "_") if rule.strip("/") else "/page"
