"""Our merge of the overlays is labelled as ours: it refuses what it does not know, and is held against kustomize."""

import json
import shutil
import subprocess

import merge
import pytest
import yaml
from merge import UnknownToUsError, build, identity
from trees import APPLIED, PARTS, dev_tree
from trees import tree as whole_tree


def tree(folder, **kustomization):
    said = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": ["one.yaml"]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({**said, **kustomization}))
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"a": "1"}}
    (folder / "one.yaml").write_text(yaml.safe_dump(one))
    return folder


@pytest.mark.parametrize(
    "kustomization",
    [
        {"namePrefix": "x-"},
        {"configMapGenerator": []},
        {"labels": [{"pairs": {"a": "b"}, "includeSelectors": True}]},
        {"patches": [{"patch": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {a: '2'}"}]},
        {"patches": [{"patch": "$patch: delete\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}"}]},
        {"patches": [{"target": {"kind": "ConfigMap"}, "patch": "[{op: copy, path: /data/a, from: /data/b}]"}]},
        {"patches": [{"target": {"labelSelector": "a=b"}, "patch": "[{op: remove, path: /data}]"}]},
        {"resources": ["one.yaml", "one.yaml"]},
    ],
)
def test_what_it_does_not_know_it_refuses(tmp_path, kustomization):
    """A feature that it would get wrong is an error, never silence."""
    with pytest.raises(UnknownToUsError):
        build(tree(tmp_path, **kustomization))


def test_a_replacement_of_nothing_is_refused(tmp_path):
    """A path that no longer leads anywhere fails the test that builds it."""
    patch = {"target": {"kind": "ConfigMap"}, "patch": "[{op: replace, path: /data/b, value: '2'}]"}
    with pytest.raises(KeyError):
        build(tree(tmp_path, patches=[patch]))


def real_kustomize(folder):
    """Build by the real program; skips, saying why, where there is none or only one that is too old."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not installed; install 1.27 or newer to hold our merge against the real kustomize")
    told = subprocess.run([program, "version", "--client", "-o", "json"], capture_output=True, text=True, check=True)
    version = json.loads(told.stdout).get("kustomizeVersion", "v0")
    if int(version.lstrip("v").partition(".")[0]) < 5:
        pytest.skip(f"kubectl's kustomize is {version}; 5 or newer (kubectl 1.27) is needed")
    done = subprocess.run([program, "kustomize", str(folder)], capture_output=True, text=True, check=True)
    return [d for d in yaml.safe_load_all(done.stdout) if d is not None]


def by_identity(resources):
    return {identity(r): r for r in resources}


@pytest.mark.slow
@pytest.mark.parametrize("folder", [*PARTS, *APPLIED])
def test_our_merge_is_what_kustomize_makes(folder):
    """Resource by resource and field by field, for every folder that is committed."""
    assert by_identity(build(whole_tree() / folder)) == by_identity(real_kustomize(whole_tree() / folder))


@pytest.mark.slow
def test_our_merge_of_the_dev_component_is_what_kustomize_makes(tmp_path):
    """The same for a tenant rendered for a cluster of one machine."""
    folder = dev_tree(tmp_path)
    assert by_identity(merge.build(folder)) == by_identity(real_kustomize(folder))
