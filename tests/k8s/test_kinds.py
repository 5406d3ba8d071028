"""Every manifest has the form of its kind: core kinds by Kubernetes' own schemas, others by shapes of ours.

The shapes are labelled as unverified: they were written from what the operators publish, and no operator has
read these manifests yet (docs/how-to/run-on-kubernetes.md).
"""

import json
from pathlib import Path

import pytest
from merge import build, identity
from trees import APPLIED, PARTS, built, dev_tree

SHAPES = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in (Path(__file__).parent / "shapes").glob("*.json")}
CORE = {"v1", "apps/v1", "batch/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1"}
VERSIONS = ("1.31", "1.37")
"""The oldest and the newest Kubernetes whose schemas the validator brings."""


def faults(resource):
    """What is wrong with a resource's form."""
    # Their import takes over a second, in each of pytest's workers.
    import jsonschema
    import kubernetes_validate

    if resource["apiVersion"] in CORE:
        found = []
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(resource, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                found.append(f"{version}: {error}")
        return found
    shape = SHAPES.get(resource["kind"])
    if shape is None:
        return ["no shape of ours for this kind"]
    return [error.message for error in jsonschema.Draft202012Validator(shape).iter_errors(resource)]


@pytest.mark.parametrize("folder", [*APPLIED, *PARTS])
def test_each_resource_has_the_form_of_its_kind(folder):
    """Strictly: no field that is not known, none that is missing."""
    assert {identity(r): f for r in built(folder) if (f := faults(r))} == {}


def test_the_dev_rendering_has_the_form_of_its_kinds(tmp_path):
    """The same for a cluster of one machine."""
    assert {identity(r): f for r in build(dev_tree(tmp_path)) if (f := faults(r))} == {}


def test_core_kinds_are_judged_strictly():
    """An unknown field and a wrong type are found, so the check can fail."""
    deployment = next(r for r in built("tenants/example") if r["kind"] == "Deployment")
    assert faults(deployment) == []
    assert faults({**deployment, "spec": {**deployment["spec"], "replica": 2}})
    assert faults({**deployment, "spec": {**deployment["spec"], "replicas": "2"}})


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_each_shape_is_used_refuses_and_says_what_it_is(kind):
    """A shape is labelled unverified, fits at least one committed resource, and refuses a field it does not know."""
    import jsonschema

    assert SHAPES[kind]["description"].startswith("UNVERIFIED")
    jsonschema.Draft202012Validator.check_schema(SHAPES[kind])
    resource = next(r for folder in APPLIED for r in built(folder) if r["kind"] == kind)
    assert faults({**resource, "spec": {**resource["spec"], "unheardOf": True}})
    some = next(iter(SHAPES[kind]["properties"]["spec"]["required"]))
    assert faults({**resource, "spec": {k: v for k, v in resource["spec"].items() if k != some}})
