"""What ``k8s/`` names exists in the code, and what the code needs stands in ``k8s/``."""

import json
import re
import subprocess
from dataclasses import fields
from pathlib import PurePosixPath

import pytest
import yaml
from merge import documents
from trees import COMMITTED, HANDED_OVER, K8S, TENANTS, UNCOMMITTED, built, pods

from deploy.engines.layout import PROJECT_ROOT
from deploy.engines.mongod import Mongod
from deploy.engines.official import AMQP_PORT, AMQPS_PORT, DATABASE_PORT
from deploy.provision import prepare
from deploy.provision.databases import database_name
from deploy.render import names
from deploy.render.credentials import ADMIN_USER, engines_secret, tenant_secrets
from deploy.render.folder import render
from deploy.render.processes import API_PORT, kinds_of
from deploy.render.secret_values import draw, fill
from deploy.render.ways_out import goes_out
from deploy.stack.stack import Stack
from services import run
from services.integrations.webhooks.targets import PORTS
from shared.bus.names import courier_user
from shared.bus.topology import topology_of
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId, services_of
from shared.runtime import probe
from shared.runtime.context import ServiceSettings
from shared.runtime.parts import JOIN_S
from shared.runtime.serving import FINISH_S
from shared.web.outbound.addresses import REFUSED
from shared.web.plain_routes import OPEN_PATHS, VERSION

RENDERED = pytest.mark.parametrize("rendered", COMMITTED, ids=[str(r.tenant) for r in COMMITTED])
MARGIN_S = 5.0


def resources_of(rendered):
    return built(f"tenants/{rendered.tenant}")


def of_kind(resources, kind):
    return [r for r in resources if r["kind"] == kind]


def containers(rendered):
    return [(r, pod, pod["containers"][0]) for r, pod in pods(resources_of(rendered))]


def deployments(rendered):
    return {r["metadata"]["name"]: (r, pod, one) for r, pod, one in containers(rendered) if r["kind"] == "Deployment"}


def options_of(container):
    """The arguments as the process itself would read them."""
    parsers = {
        "services.run": run.build_parser,
        "deploy.provision.prepare": prepare.build_parser,
        "shared.runtime.probe": probe.build_parser,
    }
    python, minus_m, module = container["command"]
    assert (python, minus_m) == ("python", "-m")
    return parsers[module]().parse_args(container["args"])


class TestWhatIsCommitted:
    @RENDERED
    def test_the_committed_folder_is_what_the_code_renders(self, rendered):
        """Byte by byte: render again after changing a setting. The brokers' resources each operator renders."""
        folder = K8S / "tenants" / rendered.tenant
        committed = {
            str(p.relative_to(folder)): p.read_text(encoding="utf-8")
            for p in folder.rglob("*.yaml")
            if p.name != UNCOMMITTED
        }
        assert committed == {path: text for path, text in render(rendered).items() if not path.endswith(UNCOMMITTED)}

    def test_the_brokers_resources_are_not_committed(self):
        """Git leaves them out wherever an operator renders, so nobody applies those of an older version."""
        for rendered in COMMITTED:
            for path in (p for p in render(rendered) if p.endswith(UNCOMMITTED)):
                said = ("git", "check-ignore", "--no-index", "--quiet", f"k8s/tenants/{rendered.tenant}/{path}")
                assert subprocess.run(said, cwd=PROJECT_ROOT, check=False).returncode == 0, path

    def test_every_folder_of_a_tenant_is_tested(self):
        """A folder that these tests do not know would be checked by nobody."""
        assert {f"tenants/{p.name}" for p in (K8S / "tenants").iterdir()} == set(TENANTS)
        handed = {str(p.parent.relative_to(K8S)) for p in (K8S / "tenants").glob("*/at-*/kustomization.yaml")}
        assert handed == set(HANDED_OVER)

    @RENDERED
    def test_no_placeholder_is_left(self, rendered):
        """Neither TENANT nor the documentation's networks of the overlays."""
        text = yaml.safe_dump(resources_of(rendered))
        assert "TENANT" not in text
        assert not re.search(r"192\.0\.2\.[12]/32", text)


class TestProcesses:
    @RENDERED
    def test_one_deployment_for_each_kind_of_process(self, rendered):
        """Each kind of work is a process of its own, and says its kind, tenant and all services."""
        found = deployments(rendered)
        assert set(found) == set(kinds_of(rendered.tenant)) <= set(run.KINDS)
        for kind, (_, _, container) in found.items():
            options = options_of(container)
            assert (options.kind, options.tenant, options.services) == (kind, rendered.tenant, "all")
            assert options.kinds == ("consumers" if kind == "worker" else "all")

    @RENDERED
    def test_prepare_is_told_its_tenant_and_its_files(self, rendered):
        """The administrator's address and the first link's secret lie where their Secrets are mounted."""
        ((_, pod, container),) = [c for c in containers(rendered) if c[0]["kind"] == "Job"]
        options = options_of(container)
        assert options.tenant == rendered.tenant
        secrets = {t.name: t for t in tenant_secrets(rendered)}
        for file, secret in ((options.admin, "database-admin"), (options.first_link, "first-link")):
            assert mounted(pod, container, file)["secret"]["secretName"] == secret
            if secret in secrets:
                assert file.name in secrets[secret].data

    @RENDERED
    def test_grace_is_longer_than_the_code_needs_to_drain(self, rendered):
        """The kernel's end comes after every deadline of the code's own."""
        found = deployments(rendered)
        drain_s = options_of(found["api"][2]).drain_s
        needed = {"api": drain_s + FINISH_S, "worker": JOIN_S, "relay": JOIN_S, "job": JOIN_S, "courier": JOIN_S}
        for kind, (_, pod, _) in found.items():
            assert pod["terminationGracePeriodSeconds"] >= needed[kind] + MARGIN_S
        # Not ready is seen before the drain is over: that is what the drain is for.
        readiness = found["api"][2]["readinessProbe"]
        assert readiness["periodSeconds"] * readiness["failureThreshold"] + readiness["timeoutSeconds"] < drain_s

    @RENDERED
    def test_probes_ask_what_there_is(self, rendered):
        """The api by open addresses, the others by the probe of their heartbeats, in a folder that they can write."""
        for kind, (_, pod, container) in deployments(rendered).items():
            for name in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container[name]
                if kind == "api":
                    assert asked["httpGet"]["path"] in OPEN_PATHS
                    assert asked["httpGet"]["port"] in {p["name"] for p in container["ports"]}
                else:
                    command = asked["exec"]["command"]
                    question = options_of({"command": command[:3], "args": command[3:]}).question
                    assert question == ("ready" if name == "readinessProbe" else "live")
                    folder = next(e["value"] for e in container["env"] if e["name"] == "ALONGSIDE_HEARTBEAT")
                    assert "emptyDir" in mounted(pod, container, PurePosixPath(folder) / "x")


class TestEnvironment:
    def read_by_processes(self):
        """Every variable of ours that the code of a process reads."""
        found = set()
        for folder in ("services", "shared"):
            for file in (PROJECT_ROOT / folder).rglob("*.py"):
                found |= set(re.findall(r'["\'](ALONGSIDE_[A-Z_]+)["\']', file.read_text(encoding="utf-8")))
        return found

    def named(self):
        return {e["name"] for rendered in COMMITTED for _, _, c in containers(rendered) for e in c["env"]}

    def test_what_is_set_is_read_and_what_is_read_is_set(self, make_layout):
        """No variable is misspelt, none is forgotten; foreign ones are those that the local stack sets too."""
        ours = {name for name in self.named() if name.startswith("ALONGSIDE_")}
        assert ours == self.read_by_processes()
        assert self.named() - ours <= set(Stack(make_layout())._environment())

    @RENDERED
    def test_each_pod_finds_its_credentials_where_the_code_looks(self, rendered):
        """``<ALONGSIDE_SECRETS>/<tenant>/<name>.json``; the courier has its own file and no other."""
        for resource, pod, container in containers(rendered):
            folder = next(e["value"] for e in container["env"] if e["name"] == "ALONGSIDE_SECRETS")
            volume = mounted(pod, container, PurePosixPath(folder) / rendered.tenant / "x.json")
            if resource["metadata"]["name"] == "courier":
                assert volume["secret"]["secretName"] == "credentials-courier"
            elif resource["kind"] == "Deployment":
                assert volume["secret"]["secretName"] == "credentials"


class TestCredentials:
    @RENDERED
    def test_each_file_is_one_that_the_code_reads(self, rendered, tmp_path, monkeypatch):
        """Filled, each loads as settings of its service, with every field and no other."""
        templates = tenant_secrets(rendered)
        store = draw({str(rendered.tenant): {"token_public": "00" * 32}}, templates)
        monkeypatch.setenv("ALONGSIDE_SECRETS", str(tmp_path))
        (tmp_path / rendered.tenant).mkdir()
        expected = {*services_of(rendered.tenant)} | ({"courier"} if "courier" in kinds_of(rendered.tenant) else set())
        found = set()
        for template in templates:
            if not template.name.startswith("credentials"):
                continue
            for name, text in fill(template, store, namespace=rendered.namespace)["stringData"].items():
                (tmp_path / rendered.tenant / name).write_text(text)
                service = name.removesuffix(".json")
                settings = ServiceSettings.load(rendered.tenant, service)
                assert set(json.loads(text)) == {f.name for f in fields(settings)}
                assert (settings.nation, settings.setting, settings.demo) == (rendered.nation, rendered.setting, False)
                found.add(service)
        assert found == expected

    @RENDERED
    def test_their_paths_are_mounted_and_only_where_they_are_needed(self, rendered):
        """The tenant key can be written by job and prepare only, and is not in relay and courier at all."""
        for resource, pod, container in containers(rendered):
            kind = resource["metadata"]["name"]
            mount = next((m for m in container["volumeMounts"] if m["mountPath"] == names.KEYS_DIR), None)
            if kind in {"relay", "courier"}:
                assert mount is None
            else:
                assert mount.get("readOnly", False) is (kind not in {"job", "prepare"})
            token = any(
                m["mountPath"] == str(PurePosixPath(names.TOKEN_KEY_FILE).parent) for m in container["volumeMounts"]
            )
            assert token is (kind == "api")
            data = any(m["mountPath"] == names.DATA_DIR for m in container["volumeMounts"])
            assert data is (rendered.tenant in {BOARD, CUSTODIAN} and kind in {"api", "worker", "job"})
            assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"

    @RENDERED
    def test_every_secret_and_volume_that_is_mounted_exists(self, rendered):
        """A name that nothing makes would leave a pod waiting for ever, unless it is optional."""
        resources = resources_of(rendered)
        made = {r["spec"]["target"]["name"] for r in of_kind(resources, "ExternalSecret")}
        claims = {r["metadata"]["name"] for r in of_kind(resources, "PersistentVolumeClaim")}
        wanted_claims = set()
        for _, pod, container in containers(rendered):
            assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
            for volume in pod["volumes"]:
                sources = [s["secret"] for s in volume.get("projected", {}).get("sources", ())]
                sources += [volume["secret"]] if "secret" in volume else []
                assert all(s.get("optional") or s.get("secretName", s.get("name")) in made for s in sources)
                if "persistentVolumeClaim" in volume:
                    wanted_claims.add(volume["persistentVolumeClaim"]["claimName"])
        assert wanted_claims == claims
        for user in of_kind(resources, "User"):
            assert user["spec"]["importCredentialsSecret"]["name"] in made
        for authentication in of_kind(resources, "TriggerAuthentication"):
            assert {t["name"] for t in authentication["spec"]["secretTargetRef"]} <= made

    def test_a_courier_shows_the_other_side_the_user_that_it_is_known_by(self):
        """What the host's credentials say is the user whom the board's and the custodian's folders make."""
        for rendered in COMMITTED:
            for server in rendered.remotes:
                handed = built(f"tenants/{rendered.tenant}/at-{server}")
                (user,) = of_kind(handed, "User")
                assert user["metadata"]["name"] == courier_user(rendered.tenant)
                assert user["metadata"]["namespace"] == names.namespace_of(server)
                (secret,) = of_kind(handed, "ExternalSecret")
                assert secret["spec"]["target"]["template"]["data"]["username"] == courier_user(rendered.tenant)
                own = next(t for t in tenant_secrets(rendered) if t.name == "credentials-courier")
                uri = json.loads(own.data["courier.json"])["extra"]["courier_remotes"][server]
                assert uri.startswith(f"amqps://{courier_user(rendered.tenant)}:")


class TestQueues:
    @RENDERED
    def test_queues_exchanges_and_bindings_are_the_topologys(self, rendered):
        """Name by name and argument by argument, and nothing besides."""
        resources, topology = resources_of(rendered), topology_of(rendered.tenant)
        queues = {
            r["spec"]["name"]: {"x-queue-type": r["spec"]["type"], **r["spec"].get("arguments", {})}
            for r in of_kind(resources, "Queue")
        }
        assert queues == {name: dict(arguments) for name, arguments in topology.queues.items()}
        exchanges = {
            r["spec"]["name"]: (r["spec"]["type"], r["spec"].get("arguments", {}))
            for r in of_kind(resources, "Exchange")
        }
        assert exchanges == {name: (kind, dict(a)) for name, (kind, a) in topology.exchanges.items()}
        bindings = [
            (r["spec"]["source"], r["spec"]["destination"], r["spec"]["routingKey"])
            for r in of_kind(resources, "Binding")
        ]
        assert sorted(bindings) == sorted(topology.bindings)

    @RENDERED
    def test_every_queue_has_a_delivery_limit_of_its_own(self, rendered):
        """By argument and by the topology's policy, here as where the provisioner works: never a broker's default."""
        resources, topology = resources_of(rendered), topology_of(rendered.tenant)
        for queue in of_kind(resources, "Queue"):
            working = queue["spec"]["name"].startswith("q.")
            assert queue["spec"]["arguments"]["x-delivery-limit"] == (20 if working else 1_000_000), queue["spec"][
                "name"
            ]
        policies = {
            r["spec"]["name"]: {
                "pattern": r["spec"]["pattern"],
                "apply-to": r["spec"]["applyTo"],
                "priority": r["spec"]["priority"],
                "definition": r["spec"]["definition"],
            }
            for r in of_kind(resources, "Policy")
        }
        assert policies == {name: dict(policy) for name, policy in topology.policies.items()}
        assert policies["alongside-kept"]["definition"] == {"delivery-limit": 1_000_000}
        assert {r["spec"]["vhost"] for r in resources if "vhost" in r.get("spec", {})} == {topology.vhost}

    @RENDERED
    def test_workers_follow_every_queue_that_they_read_and_no_other(self, rendered):
        """One trigger for each subscription; the scaled Deployment is the worker, and nothing else sets its number."""
        resources = resources_of(rendered)
        (scaled,) = of_kind(resources, "ScaledObject")
        watched = [t["metadata"]["queueName"] for t in scaled["spec"]["triggers"]]
        assert watched == [s.queue for s in topology_of(rendered.tenant).subscriptions]
        found = deployments(rendered)
        assert scaled["spec"]["scaleTargetRef"]["name"] == "worker"
        (autoscaler,) = of_kind(resources, "HorizontalPodAutoscaler")
        assert autoscaler["spec"]["scaleTargetRef"]["name"] == "api"
        assert {kind for kind, (r, _, _) in found.items() if "replicas" not in r["spec"]} == {"worker", "api"}


class TestPorts:
    @RENDERED
    def test_the_api_listens_where_its_service_and_its_policy_lead(self, rendered):
        """One number, from the process's own argument to the way in."""
        resources = resources_of(rendered)
        _, _, container = deployments(rendered)["api"]
        (port,) = container["ports"]
        assert options_of(container).port == port["containerPort"] == API_PORT
        assert options_of(container).host == "0.0.0.0"  # noqa: S104  The pod's own network.
        (service,) = of_kind(resources, "Service")
        assert [p["targetPort"] for p in service["spec"]["ports"]] == [port["name"]]
        policy = next(r for r in of_kind(resources, "NetworkPolicy") if r["metadata"]["name"] == "api")
        assert policy["spec"]["ingress"][0]["ports"][0]["port"] == API_PORT

    @RENDERED
    def test_each_kind_reaches_what_it_needs_and_no_more(self, rendered):
        """Jobs reach the database; api, worker, relay and a host's courier the broker too; couriers outside, by TLS.

        A host's job fills the queues of its own systems at the broker, and delivers webhooks by TLS.

        The board's api reaches the central register's, where its people sign in.
        """
        reached = {}
        for policy in of_kind(resources_of(rendered), "NetworkPolicy"):
            component = policy["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component")
            for rule in policy["spec"].get("egress", ()) if component else ():
                reached.setdefault(component, set()).update(p["port"] for p in rule["ports"])
        inside = {DATABASE_PORT, AMQP_PORT}
        expected = {"job": {DATABASE_PORT}, "prepare": {DATABASE_PORT}, "worker": inside, "relay": inside}
        if goes_out("job", rendered.tenant):
            expected["job"] = inside | PORTS
        expected["api"] = inside | ({API_PORT} if rendered.tenant == BOARD else set())
        if "courier" in kinds_of(rendered.tenant):
            own = set() if rendered.tenant in {BOARD, CUSTODIAN} else inside
            expected["courier"] = own | {DATABASE_PORT, AMQPS_PORT}
        assert reached == expected

    def test_outside_a_host_s_job_reaches_what_the_code_does_not_refuse(self):
        """The very ranges that the code refuses are excepted, of both kinds of address; board, custodian and centre have none."""
        for rendered in COMMITTED:
            found = [
                p for p in of_kind(resources_of(rendered), "NetworkPolicy") if p["metadata"]["name"] == "job-outside"
            ]
            assert len(found) == int(rendered.tenant == COMMITTED[0].tenant)
            for policy in found:
                blocks = [
                    peer["ipBlock"] for rule in policy["spec"]["egress"] for peer in rule["to"] if "ipBlock" in peer
                ]
                assert [block["cidr"] for block in blocks] == ["0.0.0.0/0", "::/0"]
                assert {text for block in blocks for text in block["except"]} == {str(network) for network in REFUSED}

    def test_outside_is_the_two_servers_and_nothing_else(self):
        """A host's courier reaches the given networks, the servers' couriers each other's."""
        for rendered in COMMITTED:
            found = [
                peer["ipBlock"]["cidr"]
                for policy in of_kind(resources_of(rendered), "NetworkPolicy")
                if policy["metadata"]["name"] != "job-outside"
                for rule in policy["spec"].get("egress", ())
                for peer in rule.get("to", ())
                if "ipBlock" in peer
            ]
            assert sorted(found) == sorted(remote.network for remote in rendered.remotes.values())


class TestEngines:
    def test_they_are_called_what_the_addresses_say(self):
        """Names, namespace, members and ports of the engines are those of the rendered addresses."""
        resources = built("engines")
        (broker,), (database,) = of_kind(resources, "RabbitmqCluster"), of_kind(resources, "MongoDBCommunity")
        assert (broker["metadata"]["name"], database["metadata"]["name"]) == (names.BROKER, names.DATABASE)
        assert {r["metadata"]["namespace"] for r in (broker, database)} == {names.ENGINES_NAMESPACE}
        assert database["spec"]["members"] == names.DATABASE_MEMBERS
        assert [u["name"] for u in database["spec"]["users"]] == [ADMIN_USER]
        ports = {
            p["port"]
            for r in of_kind(resources, "NetworkPolicy")
            for i in r["spec"].get("ingress", ())
            for p in i.get("ports", ())
        }
        assert {DATABASE_PORT, AMQP_PORT} <= ports

    def test_the_database_cuts_transactions_where_marks_need_it(self, make_layout, tmp_path):
        """The same limit as the local engine's; MongoDB's own of 60 s would make marks lie."""
        arguments = Mongod(make_layout())._arguments(tmp_path)
        local = dict(a.split("=") for a in arguments if "=" in a)["transactionLifetimeLimitSeconds"]
        (database,) = of_kind(built("engines"), "MongoDBCommunity")
        said = database["spec"]["additionalMongodConfig"]["setParameter.transactionLifetimeLimitSeconds"]
        assert said == int(local)
        assert database["spec"]["security"]["authentication"]["ignoreUnknownUsers"] is True

    def test_the_database_operator_finds_its_password_where_it_looks(self):
        """The Secret of the engines, filled by a store or by hand, is the one that the database names."""
        (database,) = of_kind(built("engines"), "MongoDBCommunity")
        (external,) = of_kind(built("engines"), "ExternalSecret")
        template = engines_secret()
        (user,) = database["spec"]["users"]
        assert user["passwordSecretRef"]["name"] == template.name == external["spec"]["target"]["name"]
        said = {d["secretKey"]: d["remoteRef"] for d in external["spec"]["data"]}
        (item,) = template.values.values()
        assert said == {"password": {"key": f"alongside/{item[0]}", "property": item[1]}}
        assert set(template.data) == {"password"}

    def test_the_broker_lets_exactly_our_tenants_configure_it(self):
        """Every committed tenant's namespace and no asterisk."""
        (broker,) = of_kind(built("engines"), "RabbitmqCluster")
        said = broker["metadata"]["annotations"]["rabbitmq.com/topology-allowed-namespaces"].split(",")
        assert said == sorted(rendered.namespace for rendered in COMMITTED)

    def test_the_image_is_this_version(self):
        """The tag is the version that the API states."""
        (said,) = documents(K8S / "base" / "kustomization.yaml")
        assert [i["newTag"] for i in said["images"]] == [VERSION]


def mounted(pod, container, file):
    """The volume behind a file."""
    places = [m for m in container["volumeMounts"] if PurePosixPath(file).is_relative_to(m["mountPath"])]
    place = max(places, key=lambda m: len(m["mountPath"]))
    return next(v for v in pod["volumes"] if v["name"] == place["name"])


def test_databases_are_named_by_the_code():
    """The address of a service leads to its own database and user."""
    for rendered in COMMITTED:
        (credentials,) = [t for t in tenant_secrets(rendered) if t.name == "credentials"]
        for service in services_of(TenantId(rendered.tenant)):
            uri = json.loads(credentials.data[f"{service}.json"])["mongo_uri"]
            assert f"authSource={database_name(rendered.tenant, service)}" in uri
            assert f"//{rendered.tenant}.{service}:" in uri
