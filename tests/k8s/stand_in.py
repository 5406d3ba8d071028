"""A stand-in for RabbitMQ's Messaging Topology Operator: carries resources to a real broker, one request each.

Ours, and only as good as our reading of the operator's documentation; the operator itself was not run.
"""

from urllib.parse import quote

import httpx

PASSWORD = "a-password-of-a-test"


def q(text):
    return quote(text, safe="")


class Broker:
    """The management interface of a real broker."""

    def __init__(self, engines):
        user, password = engines.rabbit.admin_credentials()
        base = f"{engines.rabbit.management_url}/api/"
        self._http = httpx.Client(base_url=base, auth=(user, password), timeout=30.0, trust_env=False)

    def close(self):
        self._http.close()

    def apply(self, resources, passwords=None):
        """Apply every resource of the operator's kinds, vhosts and users first, as its retries would end up doing."""
        order = ["Vhost", "User", "Policy", "Exchange", "Queue", "Binding", "Permission", "TopicPermission"]
        for resource in sorted((r for r in resources if r["kind"] in order), key=lambda r: order.index(r["kind"])):
            getattr(self, resource["kind"].lower())(resource, passwords or {})

    def vhost(self, resource, _):
        spec = resource["spec"]
        self._ask("PUT", f"vhosts/{q(spec['name'])}", {})
        for name, value in spec.get("vhostLimits", {}).items():
            self._ask("PUT", f"vhost-limits/{q(spec['name'])}/max-{name}", {"value": value})

    def user(self, resource, passwords):
        name = resource["metadata"]["name"]
        self._ask("PUT", f"users/{q(name)}", {"password": passwords.get(name, PASSWORD), "tags": ""})

    def exchange(self, resource, _):
        spec = resource["spec"]
        body = {"type": spec["type"], "durable": spec["durable"], "auto_delete": spec["autoDelete"]}
        self._ask(
            "PUT", f"exchanges/{q(spec['vhost'])}/{q(spec['name'])}", {**body, "arguments": spec.get("arguments", {})}
        )

    def policy(self, resource, _):
        spec = resource["spec"]
        body = {"pattern": spec["pattern"], "apply-to": spec["applyTo"], "priority": spec["priority"]}
        self._ask(
            "PUT",
            f"policies/{q(spec['vhost'])}/{q(spec['name'])}",
            {**body, "definition": spec["definition"]},
        )

    def queue(self, resource, _):
        spec = resource["spec"]
        arguments = {**spec.get("arguments", {}), "x-queue-type": spec["type"]}
        body = {"durable": spec["durable"], "auto_delete": spec["autoDelete"], "arguments": arguments}
        self._ask("PUT", f"queues/{q(spec['vhost'])}/{q(spec['name'])}", body)

    def binding(self, resource, _):
        spec = resource["spec"]
        path = f"bindings/{q(spec['vhost'])}/e/{q(spec['source'])}/q/{q(spec['destination'])}"
        self._ask("POST", path, {"routing_key": spec["routingKey"]})

    def permission(self, resource, _):
        spec = resource["spec"]
        self._ask("PUT", f"permissions/{q(spec['vhost'])}/{q(spec['user'])}", spec["permissions"])

    def topicpermission(self, resource, _):
        spec = resource["spec"]
        self._ask("PUT", f"topic-permissions/{q(spec['vhost'])}/{q(spec['user'])}", spec["permissions"])

    def picture(self, vhost):
        """Everything of a vhost that the topology or a right decides."""
        return {
            "queues": {
                i["name"]: (i["durable"], i["auto_delete"], i["arguments"]) for i in self._get(f"queues/{q(vhost)}")
            },
            "exchanges": {
                i["name"]: (i["type"], i["durable"], i["auto_delete"], i["arguments"])
                for i in self._get(f"exchanges/{q(vhost)}")
            },
            "bindings": {(i["source"], i["destination"], i["routing_key"]) for i in self._get(f"bindings/{q(vhost)}")},
            "permissions": {
                i["user"]: (i["configure"], i["write"], i["read"]) for i in self._get(f"vhosts/{q(vhost)}/permissions")
            },
            "topics": {
                (i["user"], i["exchange"]): (i["write"], i["read"])
                for i in self._get(f"vhosts/{q(vhost)}/topic-permissions")
            },
            "policies": {
                i["name"]: (i["pattern"], i["apply-to"], i["priority"], i["definition"])
                for i in self._get(f"policies/{q(vhost)}")
            },
            "limits": self._get(f"vhost-limits/{q(vhost)}"),
        }

    def remove_users(self, names):
        for name in names:
            self._http.delete(f"users/{q(name)}")

    def remove_vhost(self, vhost):
        self._http.delete(f"vhosts/{q(vhost)}")

    def remove_queue(self, vhost, queue):
        self._http.delete(f"queues/{q(vhost)}/{q(queue)}")

    def _get(self, path):
        return self._ask("GET", path).json()

    def _ask(self, method, path, body=None):
        response = self._http.request(method, path, json=body)
        response.raise_for_status()
        return response
