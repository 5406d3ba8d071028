"""Our own reading of the few things of kustomize that ``k8s/`` uses; anything else is refused, not skipped.

Not kustomize: the order of resources is another one, and of its patches only JSON 6902 steps with a target and
``$patch: delete`` are known. ``test_merge.py`` compares it with the real program wherever there is one.
"""

import copy
import re
from pathlib import Path

import yaml

KNOWN = {
    "apiVersion", "kind", "resources", "components", "namespace", "labels", "images", "patches",
}  # fmt: skip
CLUSTER_WIDE = {"Namespace"}
WORKLOADS = {"Deployment", "Job"}


class UnknownToUsError(Exception):
    """The manifests use something of kustomize that this module does not know."""


def documents(path):
    """Every document of a file."""
    return [d for d in yaml.safe_load_all(Path(path).read_text(encoding="utf-8")) if d is not None]


def identity(resource):
    """What makes a resource one and the same."""
    metadata = resource["metadata"]
    return resource["apiVersion"], resource["kind"], metadata.get("namespace", ""), metadata["name"]


def build(folder):
    """Give every resource of a folder with a kustomization, as a list."""
    folder = Path(folder)
    (said,) = documents(folder / "kustomization.yaml")
    if said["kind"] != "Kustomization":
        raise UnknownToUsError(f"{folder}: {said['kind']}")
    resources = [r for entry in said.get("resources", ()) for r in _entry(folder / entry)]
    # Components come before a folder's own patches, labels and namespace.
    for component in said.get("components", ()):
        (extra,) = documents(folder / component / "kustomization.yaml")
        if extra["kind"] != "Component":
            raise UnknownToUsError(f"{component}: {extra['kind']}")
        resources = _apply(extra, resources)
    resources = _apply(said, resources)
    names = [identity(r) for r in resources]
    if len(names) != len(set(names)):
        raise UnknownToUsError(f"{folder}: a resource twice")
    return resources


def _entry(path):
    return build(path) if path.is_dir() else copy.deepcopy(documents(path))


def _apply(said, resources):
    if unknown := set(said) - KNOWN:
        raise UnknownToUsError(f"kustomization with {', '.join(sorted(unknown))}")
    for patch in said.get("patches", ()):
        resources = _patch(patch, resources)
    for resource in resources:
        if "namespace" in said and resource["kind"] not in CLUSTER_WIDE:
            resource["metadata"]["namespace"] = said["namespace"]
        for entry in said.get("labels", ()):
            if set(entry) - {"pairs", "includeTemplates"}:
                raise UnknownToUsError("labels")
            resource["metadata"].setdefault("labels", {}).update(entry["pairs"])
            if entry.get("includeTemplates") and resource["kind"] in WORKLOADS:
                resource["spec"]["template"]["metadata"]["labels"].update(entry["pairs"])
        for image in said.get("images", ()):
            _name_image(resource, image)
    return resources


def _name_image(resource, image):
    if resource["kind"] in WORKLOADS:
        pod = resource["spec"]["template"]["spec"]
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"


def _patch(patch, resources):
    content = yaml.safe_load(patch["patch"])
    if isinstance(content, dict):
        if content.get("$patch") != "delete" or "target" in patch:
            raise UnknownToUsError("a strategic merge")
        gone = identity(content)
        left = [r for r in resources if identity(r) != gone]
        if len(left) == len(resources):
            raise UnknownToUsError(f"nothing to delete: {gone}")
        return left
    target = patch["target"]
    if set(target) - {"kind", "name"}:
        raise UnknownToUsError("target")
    for resource in resources:
        name = resource["metadata"]["name"]
        if resource["kind"] == target["kind"] and re.fullmatch(target.get("name", ".*"), name):
            for step in content:
                _step(resource, step)
    return resources


def _step(resource, step):
    *path, last = step["path"].removeprefix("/").split("/")
    place = resource
    for part in path:
        place = place[int(part)] if isinstance(place, list) else place[part]
    value = copy.deepcopy(step.get("value"))
    if step["op"] == "add" and isinstance(place, list) and last == "-":
        place.append(value)
    elif step["op"] == "add" and isinstance(place, dict):
        place[last] = value
    elif step["op"] == "replace":
        key = int(last) if isinstance(place, list) else last
        if isinstance(place, dict) and key not in place:
            raise KeyError(step["path"])
        place[key] = value
    elif step["op"] == "remove":
        del place[int(last) if isinstance(place, list) else last]
    else:
        raise UnknownToUsError(f"step {step['op']} at {step['path']}")
