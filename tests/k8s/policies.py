"""Our rules for manifests. Each takes the resources of one applied folder and gives what breaks it."""

import ipaddress
import re

from merge import WORKLOADS

LABELS = {f"app.kubernetes.io/{name}" for name in ("name", "component", "part-of", "instance")}
_PASSWORD_IN_URI = re.compile(r"://[^/\s:@]+:(?!\{\{ \.)[^@\s]+@")
_HEX_OF_A_KEY = re.compile(r"\b[0-9a-f]{32,}\b")


def _pods(resources):
    for resource in resources:
        if resource["kind"] in WORKLOADS:
            yield f"{resource['kind']}/{resource['metadata']['name']}", resource["spec"]["template"]["spec"]


def _containers(resources):
    for name, pod in _pods(resources):
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            yield name, container


def _of(resources, kind):
    return [r for r in resources if r["kind"] == kind]


def runs_as_nobody(resources):
    """Pods run without root, without capabilities, under the runtime's seccomp profile."""
    for name, pod in _pods(resources):
        context = pod.get("securityContext", {})
        if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
            yield f"{name}: may run as root"
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name}: no seccomp profile"
    for name, container in _containers(resources):
        context = container.get("securityContext", {})
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            yield f"{name}: privileges"
        if context.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{name}: capabilities"


def writes_nowhere(resources):
    """The root file system is read-only, and what is writable is bounded."""
    for name, container in _containers(resources):
        if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
            yield f"{name}: writable root"
    for name, pod in _pods(resources):
        for volume in pod.get("volumes", ()):
            if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
                yield f"{name}: unbounded {volume['name']}"


def is_bounded(resources):
    """CPU and memory are requested and limited."""
    for name, container in _containers(resources):
        for side in ("requests", "limits"):
            if not {"cpu", "memory"} <= set(container.get("resources", {}).get(side, {})):
                yield f"{name}: no {side}"


def is_probed(resources):
    """What runs for long says when it has started, lives and is ready."""
    for resource in _of(resources, "Deployment"):
        for container in resource["spec"]["template"]["spec"]["containers"]:
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                if probe not in container:
                    yield f"{resource['metadata']['name']}: no {probe}"


def names_its_image(resources):
    """An image has a version."""
    for name, container in _containers(resources):
        repository, _, tag = container["image"].rpartition(":")
        if not repository or "/" in tag or tag == "latest":
            yield f"{name}: {container['image']}"


def stays_off_the_host(resources):
    """No network, process table, port or folder of the machine."""
    for name, pod in _pods(resources):
        if any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{name}: the host's namespaces"
        if any("hostPath" in volume for volume in pod.get("volumes", ())):
            yield f"{name}: the host's folders"
    for name, container in _containers(resources):
        if any("hostPort" in port for port in container.get("ports", ())):
            yield f"{name}: the host's port"


def has_no_cluster_rights(resources):
    """No token of the cluster's API lies in a pod."""
    for name, pod in _pods(resources):
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{name}: a token"
    for kind in ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"):
        for resource in _of(resources, kind):
            yield f"{kind}/{resource['metadata']['name']}"


def denies_by_default(resources):
    """Where pods or engines stand, nothing passes that no policy names."""
    namespaces = {r["metadata"].get("namespace") for r in resources if r["kind"] in {*WORKLOADS, "RabbitmqCluster"}}
    for namespace in namespaces:
        denied = [
            r
            for r in _of(resources, "NetworkPolicy")
            if r["metadata"].get("namespace") == namespace
            and r["spec"]["podSelector"] == {}
            and set(r["spec"]["policyTypes"]) == {"Ingress", "Egress"}
            and not r["spec"].get("ingress")
            and not r["spec"].get("egress")
        ]
        if not denied:
            yield f"{namespace}: no default deny"


def each_kind_has_its_policy(resources):
    """Each kind of process is named by a policy of its own, and no rule of ours allows everybody everything."""
    policies = _of(resources, "NetworkPolicy")
    named = {p["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component") for p in policies}
    for resource in resources:
        if resource["kind"] in WORKLOADS:
            component = resource["spec"]["template"]["metadata"]["labels"].get("app.kubernetes.io/component")
            if component not in named:
                yield f"{component}: no policy"
    for policy in policies:
        for side, peers in (("ingress", "from"), ("egress", "to")):
            for rule in policy["spec"].get(side, ()):
                open_peer = not rule.get(peers) or {} in rule[peers]
                if open_peer and not rule.get("ports"):
                    yield f"{policy['metadata']['name']}: everything by {side}"


def only_couriers_go_outside(resources):
    """Outside the cluster the courier reaches two addresses, the job public ones, both by TLS, and nobody else any."""
    for policy in _of(resources, "NetworkPolicy"):
        name = policy["metadata"]["name"]
        component = policy["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component")
        for rule in policy["spec"].get("egress", ()):
            blocks = [peer["ipBlock"] for peer in rule.get("to", ()) if "ipBlock" in peer]
            if blocks and component not in TLS_PORTS:
                yield f"{name}: outside"
            ports = {port.get("port") for port in rule.get("ports", ())}
            if blocks and (not ports or not ports <= TLS_PORTS.get(component, set())):
                yield f"{name}: not TLS"
            if component == "job":
                yield from (f"{name}: reaches {net}" for block in blocks for net in PRIVATE if _reaches(block, net))


TLS_PORTS = {"courier": {5671}, "job": {443, 8443}}
PRIVATE = [
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
                 "fc00::/7", "fe80::/10", "::1/128", "64:ff9b::/96")
]  # fmt: skip


def _reaches(block, network):
    """Whether a block lets through anything of a network."""
    cidr = ipaddress.ip_network(block["cidr"])
    if cidr.version != network.version or not cidr.overlaps(network):
        return False
    excepted = [ipaddress.ip_network(text) for text in block.get("except", ())]
    return not any(network.subnet_of(one) for one in excepted)


def is_labelled(resources):
    """Who, what, whose: four labels on each workload and its pods."""
    for resource in resources:
        if resource["kind"] in WORKLOADS:
            for labels in (resource["metadata"], resource["spec"]["template"]["metadata"]):
                if missing := LABELS - set(labels.get("labels", {})):
                    yield f"{resource['metadata']['name']}: {', '.join(sorted(missing))}"


def tells_no_secret(resources):
    """No Secret, no password in an address, no key stands in a manifest."""
    for resource in resources:
        name = f"{resource['kind']}/{resource['metadata']['name']}"
        if resource["kind"] == "Secret":
            yield name
        for text in _texts(resource):
            if _PASSWORD_IN_URI.search(text) or _HEX_OF_A_KEY.search(text):
                yield f"{name}: a secret"
    for name, container in _containers(resources):
        for variable in container.get("env", ()):
            if "secretKeyRef" in variable.get("valueFrom", {}):
                yield f"{name}: a secret in the environment"


def hides_its_files(resources):
    """Mounted secrets are not for everybody in the pod's world."""
    for name, pod in _pods(resources):
        for volume in pod.get("volumes", ()):
            source = volume.get("secret") or volume.get("projected")
            if source is not None and source.get("defaultMode", 0o644) & 0o007:
                yield f"{name}: {volume['name']}"


def is_spread(resources):
    """Pods of one kind go to different machines where they can."""
    for resource in _of(resources, "Deployment"):
        constraints = resource["spec"]["template"]["spec"].get("topologySpreadConstraints", ())
        labels = resource["spec"]["template"]["metadata"]["labels"]
        if not any(_selects(c["labelSelector"], labels) for c in constraints):
            yield resource["metadata"]["name"]


def has_a_budget(resources):
    """Each Deployment has exactly one disruption budget, which a node's drain can still satisfy."""
    for resource in _of(resources, "Deployment"):
        labels = resource["spec"]["template"]["metadata"]["labels"]
        budgets = [b for b in _of(resources, "PodDisruptionBudget") if _selects(b["spec"]["selector"], labels)]
        if len(budgets) != 1:
            yield f"{resource['metadata']['name']}: {len(budgets)} budgets"
        elif resource["spec"].get("replicas") == 1 and "minAvailable" in budgets[0]["spec"]:
            yield f"{resource['metadata']['name']}: one pod that may never go"


def is_restricted(resources):
    """A tenant's namespace enforces the restricted standard; the engines', at least the baseline."""
    for namespace in _of(resources, "Namespace"):
        enforced = namespace["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce")
        engines = any(r["kind"] == "RabbitmqCluster" for r in resources)
        if enforced != ("baseline" if engines else "restricted"):
            yield f"{namespace['metadata']['name']}: {enforced}"


def _selects(selector, labels):
    wanted = selector.get("matchLabels", {})
    return bool(wanted) and wanted.items() <= labels.items()


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


RULES = (
    runs_as_nobody,
    writes_nowhere,
    is_bounded,
    is_probed,
    names_its_image,
    stays_off_the_host,
    has_no_cluster_rights,
    denies_by_default,
    each_kind_has_its_policy,
    only_couriers_go_outside,
    is_labelled,
    tells_no_secret,
    hides_its_files,
    is_spread,
    has_a_budget,
    is_restricted,
)
