"""``docker-compose.yml`` and ``k8s/`` run the same processes with the same variables on the same engines.

The comparison reads the committed file where there is one, and is itself seen to fail on invented ones.
"""

import re

import pytest
import yaml
from trees import COMMITTED, built, pods

from deploy.engines import official
from deploy.engines.layout import PROJECT_ROOT
from deploy.render.processes import COMMAND, arguments_of, kinds_of
from services.run import KINDS

COMPOSE = PROJECT_ROOT / "docker-compose.yml"
_KIND = re.compile(r"services\.run[\s,\]\['\"]+([a-z]+)")


def of_k8s():
    """(kinds, variables of ours, engine versions) of the Kubernetes side."""
    resources = [r for rendered in COMMITTED for r in built(f"tenants/{rendered.tenant}")]
    kinds = {r["metadata"]["name"] for r, _ in pods(resources) if r["kind"] == "Deployment"}
    variables = {e["name"] for _, pod in pods(resources) for e in pod["containers"][0]["env"]}
    engines = built("engines")
    broker = next(r["spec"]["image"] for r in engines if r["kind"] == "RabbitmqCluster")
    database = next(r["spec"]["version"] for r in engines if r["kind"] == "MongoDBCommunity")
    versions = {"rabbitmq": broker.rpartition(":")[2].split(".")[0], "mongo": database.split(".")[0]}
    return kinds, {v for v in variables if v.startswith("ALONGSIDE_")}, versions


def differences(compose):
    """What one side runs, sets or names and the other does not."""
    kinds, variables, versions = set(), set(), {}
    for service in compose["services"].values():
        command = f"{service.get('entrypoint', '')} {service.get('command', '')}"
        found = _KIND.search(command)
        if found and found[1] in KINDS:
            kinds.add(found[1])
            environment = service.get("environment") or {}
            named = environment if isinstance(environment, dict) else [e.partition("=")[0] for e in environment]
            variables |= {name for name in named if name.startswith("ALONGSIDE_")}
        repository, _, tag = str(service.get("image", "")).partition(":")
        engine = repository.rpartition("/")[2]
        if engine in {"rabbitmq", "mongo"}:
            # A tag may stand behind a variable with a default: ${NAME:-4.1-management}.
            version = re.search(r"\d+", tag)
            versions[engine] = version[0] if version else tag
    k8s_kinds, k8s_variables, k8s_versions = of_k8s()
    wrong = [f"kind {kind}" for kind in kinds ^ k8s_kinds]
    # A probe in a container of compose may ask HTTP or nothing, so the heartbeat's folder is Kubernetes' alone.
    wrong += [f"variable {name}" for name in (variables ^ k8s_variables) - {"ALONGSIDE_HEARTBEAT"}]
    wrong += [f"{engine} {v}" for engine, v in versions.items() if k8s_versions[engine] != v]
    wrong += [f"no {engine}" for engine in k8s_versions if engine not in versions]
    return sorted(wrong)


def invented(**changes):
    """A compose file that agrees."""
    kinds, variables, versions = of_k8s()
    services = {
        kind: {
            "command": ["python", "-m", "services.run", kind, "--tenant", "x"],
            "environment": dict.fromkeys(variables, "x"),
        }
        for kind in kinds
    }
    services["broker"] = {"image": f"rabbitmq:{versions['rabbitmq']}-management"}
    services["database"] = {"image": f"docker.io/library/mongo:{versions['mongo']}.0"}
    return {"services": {**services, **changes}}


def test_the_committed_compose_file_agrees():
    """Kinds of process, our variables and the engines' major versions are the same on both sides."""
    said = yaml.safe_load(COMPOSE.read_text(encoding="utf-8")) if COMPOSE.exists() else invented()
    assert differences(said) == []


@pytest.mark.parametrize("kind", kinds_of("example"))
def test_the_base_calls_each_process_as_compose_does(kind):
    """Argument by argument, from one source; a pod's api only drains longer, since more has to notice."""
    (base,) = [r for r in built("base") if (r["kind"], r["metadata"]["name"]) == ("Deployment", kind)]
    (container,) = base["spec"]["template"]["spec"]["containers"]
    assert container["command"] == list(COMMAND)
    assert container["args"] == arguments_of(kind, "TENANT", drain_s=10)


def test_engines_have_one_version_and_one_configuration():
    """What compose and the local stack run is what a cluster's operators are told."""
    resources = built("engines")
    (broker,) = [r for r in resources if r["kind"] == "RabbitmqCluster"]
    (database,) = [r for r in resources if r["kind"] == "MongoDBCommunity"]
    assert broker["spec"]["image"] == f"rabbitmq:{official.RABBITMQ_TAG}"
    assert database["spec"]["version"] == official.MONGO_VERSION
    assert database["spec"]["additionalMongodConfig"] == official.DATABASE_CONFIG


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"courier": {}}, ["kind courier"]),
        ({"job": {"command": "python -m services.run job", "environment": ["ALONGSIDE_SECRET=x"]}}, ["variable ALONGSIDE_SECRET"]),
        ({"broker": {"image": "rabbitmq:2.0"}}, ["rabbitmq 2"]),
        ({"database": {"image": "mongo:${MONGO_TAG:-6.0}"}}, ["mongo 6"]),
        ({"database": {"image": "postgres:16"}}, ["no mongo"]),
    ],
)  # fmt: skip
def test_a_difference_is_found(change, expected):
    """A kind less, a misspelt variable, another version and a missing engine."""
    assert differences(invented(**change)) == expected
