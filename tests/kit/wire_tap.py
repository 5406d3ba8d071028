"""A queue beside every exchange of the centre's vhosts: the test reads whatever crosses, as a broker reader would."""

import base64
from urllib.parse import quote

import httpx

QUEUE = "tap"


class WireTap:
    """Everything that was published in some vhosts since it was set up."""

    def __init__(self, rabbit, vhosts):
        user, password = rabbit.admin_credentials()
        self._http = httpx.Client(base_url=f"{rabbit.management_url}/api/", auth=(user, password), trust_env=False)
        self._vhosts = vhosts
        for vhost in vhosts:
            everything = {"configure": ".*", "write": ".*", "read": ".*"}
            self._ask("PUT", f"permissions/{quote(vhost, safe='')}/{user}", everything)
            self._ask("PUT", f"queues/{quote(vhost, safe='')}/{QUEUE}", {"durable": True})
            for exchange in self._ask("GET", f"exchanges/{quote(vhost, safe='')}").json():
                if exchange["name"] and not exchange["name"].startswith("amq."):
                    path = f"bindings/{quote(vhost, safe='')}/e/{quote(exchange['name'], safe='')}/q/{QUEUE}"
                    self._ask("POST", path, {"routing_key": "#"})

    def read(self):
        """Take every message out: (vhost, routing key, headers, body as bytes)."""
        found = []
        for vhost in self._vhosts:
            body = {"count": 100_000, "ackmode": "ack_requeue_false", "encoding": "base64"}
            for message in self._ask("POST", f"queues/{quote(vhost, safe='')}/{QUEUE}/get", body).json():
                content = base64.b64decode(message["payload"])
                found.append((vhost, message["routing_key"], message["properties"].get("headers", {}), content))
        return found

    def _ask(self, method, path, body=None):
        response = self._http.request(method, path, json=body)
        response.raise_for_status()
        return response


def numbers(content, *, path=""):
    """Every number inside a decoded body, with the names that lead to it."""
    if isinstance(content, dict):
        return [found for key, value in content.items() for found in numbers(value, path=f"{path}.{key}")]
    if isinstance(content, list):
        return [found for value in content for found in numbers(value, path=path)]
    if isinstance(content, bool) or not isinstance(content, int | float):
        return []
    return [(path.removeprefix("."), content)]
