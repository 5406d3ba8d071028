"""Our rules hold for everything that is applied, and each rule is seen to fail on a fixture that breaks it."""

import copy

import pytest
import yaml
from merge import build, documents
from policies import (
    RULES,
    denies_by_default,
    each_kind_has_its_policy,
    has_a_budget,
    has_no_cluster_rights,
    hides_its_files,
    is_bounded,
    is_labelled,
    is_probed,
    is_restricted,
    is_spread,
    names_its_image,
    only_couriers_go_outside,
    runs_as_nobody,
    stays_off_the_host,
    tells_no_secret,
    writes_nowhere,
)
from trees import APPLIED, K8S, built, dev_tree


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("folder", APPLIED)
def test_what_is_applied_keeps_each_rule(folder, rule):
    """Every folder, every rule."""
    assert list(rule(built(folder))) == []


@pytest.mark.parametrize("rule", [r for r in RULES if r is not has_a_budget], ids=lambda rule: rule.__name__)
def test_a_dev_cluster_keeps_each_rule(tmp_path, rule):
    """On one machine too, but for the budget: one pod of each is what a dev cluster has."""
    assert list(rule(build(dev_tree(tmp_path)))) == []


def find(resources, kind, name):
    return next(r for r in resources if (r["kind"], r["metadata"]["name"]) == (kind, name))


def pod(resources, kind="Deployment", name="worker"):
    return find(resources, kind, name)["spec"]["template"]["spec"]


def container(resources, name="worker"):
    return pod(resources, name=name)["containers"][0]


def without(resources, kind, name):
    resources.remove(find(resources, kind, name))


def policy(resources, name):
    return find(resources, "NetworkPolicy", name)["spec"]


BREAKS = [
    (runs_as_nobody, "root", lambda r: pod(r)["securityContext"].pop("runAsNonRoot")),
    (runs_as_nobody, "user 0", lambda r: pod(r)["securityContext"].update(runAsUser=0)),
    (runs_as_nobody, "seccomp", lambda r: pod(r)["securityContext"].pop("seccompProfile")),
    (runs_as_nobody, "escalation", lambda r: container(r)["securityContext"].update(allowPrivilegeEscalation=True)),
    (runs_as_nobody, "capability", lambda r: container(r)["securityContext"]["capabilities"].update(add=["NET_RAW"])),
    (runs_as_nobody, "a job", lambda r: pod(r, "Job", "prepare").pop("securityContext")),
    (writes_nowhere, "root", lambda r: container(r)["securityContext"].update(readOnlyRootFilesystem=False)),
    (writes_nowhere, "unbounded", lambda r: pod(r)["volumes"].append({"name": "x", "emptyDir": {}})),
    (is_bounded, "no limit", lambda r: container(r)["resources"].pop("limits")),
    (is_bounded, "no request", lambda r: container(r)["resources"]["requests"].pop("memory")),
    (is_probed, "liveness", lambda r: container(r).pop("livenessProbe")),
    (is_probed, "readiness", lambda r: container(r, "api").pop("readinessProbe")),
    (names_its_image, "latest", lambda r: container(r).update(image="registry.example/alongside:latest")),
    (names_its_image, "none", lambda r: container(r).update(image="registry.example:5000/alongside")),
    (stays_off_the_host, "network", lambda r: pod(r).update(hostNetwork=True)),
    (stays_off_the_host, "folder", lambda r: pod(r)["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    (stays_off_the_host, "port", lambda r: container(r, "api")["ports"][0].update(hostPort=8080)),
    (has_no_cluster_rights, "token", lambda r: pod(r).pop("automountServiceAccountToken")),
    (has_no_cluster_rights, "role", lambda r: r.append({"kind": "RoleBinding", "metadata": {"name": "x"}})),
    (denies_by_default, "gone", lambda r: without(r, "NetworkPolicy", "default-deny")),
    (denies_by_default, "half", lambda r: policy(r, "default-deny").update(policyTypes=["Ingress"])),
    (denies_by_default, "elsewhere", lambda r: find(r, "NetworkPolicy", "default-deny")["metadata"].update(namespace="x")),
    (each_kind_has_its_policy, "gone", lambda r: without(r, "NetworkPolicy", "relay")),
    (each_kind_has_its_policy, "open", lambda r: policy(r, "api")["ingress"].append({})),
    (only_couriers_go_outside, "another", lambda r: policy(r, "worker")["egress"].append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 5671}]})),
    (only_couriers_go_outside, "in clear", lambda r: policy(r, "courier-outside")["egress"][0].update(ports=[{"port": 5672}])),
    (only_couriers_go_outside, "a job in clear", lambda r: policy(r, "job-outside")["egress"][0].update(ports=[{"port": 80}])),
    (only_couriers_go_outside, "a job to private addresses", lambda r: policy(r, "job-outside")["egress"][0]["to"][0]["ipBlock"]["except"].remove("10.0.0.0/8")),
    (only_couriers_go_outside, "a job to local addresses", lambda r: policy(r, "job-outside")["egress"][1]["to"][0]["ipBlock"]["except"].remove("8000::/1")),
    (is_labelled, "a pod", lambda r: find(r, "Deployment", "job")["spec"]["template"]["metadata"]["labels"].pop("app.kubernetes.io/instance")),
    (tells_no_secret, "a Secret", lambda r: r.append({"kind": "Secret", "metadata": {"name": "x"}, "stringData": {}})),
    (tells_no_secret, "an address", lambda r: container(r)["env"].append({"name": "X", "value": "amqp://a.case:hunter2@broker/x"})),
    (tells_no_secret, "a key", lambda r: container(r)["env"].append({"name": "X", "value": "ab" * 16})),
    (tells_no_secret, "environment", lambda r: container(r)["env"].append({"name": "X", "valueFrom": {"secretKeyRef": {"name": "token", "key": "token.key"}}})),
    (hides_its_files, "a mode", lambda r: pod(r)["volumes"][0]["secret"].update(defaultMode=0o444)),
    (hides_its_files, "no mode", lambda r: pod(r, "Job", "prepare")["volumes"][0]["projected"].pop("defaultMode")),
    (is_spread, "none", lambda r: pod(r).pop("topologySpreadConstraints")),
    (is_spread, "others", lambda r: pod(r)["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"].update({"app.kubernetes.io/component": "api"})),
    (has_a_budget, "none", lambda r: without(r, "PodDisruptionBudget", "courier")),
    (has_a_budget, "never", lambda r: find(r, "PodDisruptionBudget", "job")["spec"].update(minAvailable=1)),
    (is_restricted, "baseline", lambda r: find(r, "Namespace", "alongside-example")["metadata"]["labels"].update({"pod-security.kubernetes.io/enforce": "baseline"})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "how", "break_it"), BREAKS, ids=[f"{rule.__name__}: {how}" for rule, how, _ in BREAKS]
)
def test_each_rule_can_fail(rule, how, break_it):
    """A manifest that breaks the rule is found."""
    resources = copy.deepcopy(built("tenants/example"))
    break_it(resources)
    assert list(rule(resources))


def test_each_rule_has_a_fixture_that_breaks_it():
    """No rule is only believed."""
    assert {rule for rule, _, _ in BREAKS} == set(RULES)


def images_named(files):
    """Where an image's real name stands: (file, name) of each."""
    found = []
    for file in files:
        for document in documents(file):
            found += [
                (file.name, i["newName"]) for i in document.get("images", ()) if document["kind"] == "Kustomization"
            ]
            if document["kind"] in {"Deployment", "Job"}:
                for one in document["spec"]["template"]["spec"]["containers"]:
                    found += [(file.name, one["image"])] if one["image"] != "alongside" else []
    return found


def test_our_image_is_named_once(tmp_path):
    """An upgrade changes one line; a second place would be found."""
    files = sorted(K8S.rglob("*.yaml"))
    assert len(images_named(files)) == 1
    second = tmp_path / "second.yaml"
    second.write_text(yaml.safe_dump({"kind": "Kustomization", "images": [{"name": "alongside", "newName": "x"}]}))
    assert len(images_named([*files, second])) == 2
