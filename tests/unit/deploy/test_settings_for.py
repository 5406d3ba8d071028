"""One source of what a process is told: whoever runs it, the same fields, and only what belongs to its service."""

import json
from dataclasses import fields, replace

import pytest

from deploy.keeping.cluster import ClusterKept
from deploy.provision.settings import Place, files_of, settings_for
from deploy.provision.spec import TenantSpec, Timings
from services.integrations.webhooks.targets import WebhookAddressError, read_target
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId
from shared.runtime.context import ServiceSettings

HOST = TenantId("example")
TOLD = {
    HOST: {
        "identity": {"token_private_key_file"},
        "case": {"sign_in_register", "escrow_file", "drop_folder"},
        "consent": {"sign_in_register"},
        "audit": {"sign_in_register", "log_key_file"},
        "integrations": {"sign_in_register"},
        "reporting": {
            "sign_in_register",
            "signing_key_file",
            "board_signing_key",
            "custodian_signing_key",
            "certificate_files",
        },
        "courier": {"courier_remotes", "courier_own_uri"},
    },
    BOARD: {
        "board": {
            "sign_in_register",
            "signing_key_file",
            "board_signing_key",
            "custodian_signing_key",
            "certificate_files",
        },
        "audit": {"sign_in_register", "log_key_file"},
        "courier": {"courier_remotes"},
    },
    CUSTODIAN: {
        "custodian": {
            "sign_in_register",
            "signing_key_file",
            "board_signing_key",
            "custodian_signing_key",
            "certificate_files",
        },
        "audit": {"sign_in_register", "log_key_file"},
        "courier": {"courier_remotes"},
    },
    CENTRE: {"identity": {"token_private_key_file"}, "audit": {"sign_in_register", "log_key_file"}},
}
"""What each file says beside what all say; written out, so that no service is told more by mistake."""
TENANTS = pytest.mark.parametrize("tenant", TOLD)


class Engine:
    def __init__(self, host):
        self.host = host

    def uri(self, *, user, password, auth_source):
        return f"mongodb://{user}:{password}@{self.host}/?authSource={auth_source}"

    def amqp_url(self, *, user, password, vhost):
        return f"amqp://{user}:{password}@{self.host}/{vhost}"


def place(where, **changes):
    made = Place(
        timings=Timings(),
        demo=False,
        database=Engine(where),
        broker=Engine(where),
        password=lambda engine, name: f"{where}-{engine}-{name}",
        api_port=8080,
        data_dir=f"/{where}/data",
        drop_dir=f"/{where}/drop",
        clock_file=f"/{where}/clock.json",
        tenant_key_file=f"/{where}/tenant.key",
        token_public_key=f"{where}-token",
        token_private_key_file=f"/{where}/token.key",
        signing_key_file=f"/{where}/signing.key",
        signing_keys={"board": f"{where}-board", "custodian": f"{where}-custodian"},
        log_key_file=f"/{where}/log.key",
        escrow={"escrow_file": f"/{where}/slot"},
        register=f"https://{where}.example",
        remotes={"board": f"amqps://{where}/board", "custodian": f"amqps://{where}/custodian"},
        certificates={"centre": f"/{where}/certificate.pem"},
    )
    return replace(made, **changes)


def spec(tenant):
    return TenantSpec(id=tenant, name="Invented", nation="WALES", setting="OTHER", number=0)


def written(tenant, where="here", **changes):
    return {name: settings_for(spec(tenant), name, place(where, **changes)) for name in files_of(tenant)}


@TENANTS
def test_each_file_has_what_its_service_is_told_and_no_more(tenant):
    """Keys of signing, tokens, survivors and couriers reach the services that use them, and no other."""
    assert {name: set(content["extra"]) for name, content in written(tenant).items()} == TOLD[tenant]


@TENANTS
def test_each_file_has_every_field_that_a_process_reads(tenant):
    """Neither a field less nor one that the process would refuse."""
    for content in written(tenant).values():
        assert set(content) == {field.name for field in fields(ServiceSettings)}


@TENANTS
def test_two_places_differ_in_addresses_paths_and_secrets_alone(tenant):
    """With the places' own words put in for each other, the files are the same."""
    here, there = written(tenant, "here"), written(tenant, "there")
    assert str(here) != str(there)
    assert str(here) == str(there).replace("there", "here")


@TENANTS
def test_each_service_speaks_as_its_own_user(tenant):
    """To its own database and its tenant's vhost; the courier too, as a user of its own."""
    vhost = {BOARD: "board", CUSTODIAN: "custodian"}.get(tenant, f"t-{tenant}")
    for name, content in written(tenant).items():
        reads = {"courier": "reporting" if tenant == HOST else str(tenant)}.get(name, name)
        assert content["mongo_uri"] == (
            f"mongodb://{tenant}.{name}:here-mongo-{name}@here/?authSource=as_{tenant}_{reads}"
        )
        if name != "courier":
            assert content["amqp_uri"] == f"amqp://{tenant}.{name}:here-amqp-{name}@here/{vhost}"


def test_a_courier_knows_where_it_goes_and_a_hosts_its_own_broker():
    """Its own address is the first server's; at home it is the courier, not the service whose outbox it reads."""
    courier = written(HOST)["courier"]
    assert courier["amqp_uri"] == courier["extra"]["courier_remotes"]["board"] == "amqps://here/board"
    assert courier["extra"]["courier_own_uri"] == "amqp://courier.example:here-amqp-courier@here/t-example"


def test_board_and_custodian_believe_the_registers_tokens():
    """Their people sign in at the central register; a host signs for itself."""
    issuers = {tenant: {c["token_issuer"] for c in written(tenant).values()} for tenant in TOLD}
    assert issuers == {HOST: {"example"}, BOARD: {"centre"}, CUSTODIAN: {"centre"}, CENTRE: {"centre"}}


def test_where_there_is_no_register_no_sign_in_is_offered():
    """A cluster whose register is not reached by https has no sign-in page."""
    assert not any("sign_in_register" in content["extra"] for content in written(HOST, register=None).values())


SANDBOX = TenantId("sandboxtry")


def test_at_a_sandbox_only_who_looks_after_its_people_is_told_of_a_demo():
    """It stands beside real hosts: whoever manages it must reach nothing on their machine by a webhook."""
    told = {name: content["demo"] for name, content in written(SANDBOX).items()}
    assert {name for name, demo in told.items() if demo} == {"identity", "consent"}
    with pytest.raises(WebhookAddressError):
        read_target("http://127.0.0.1:15672/api", demo=told["integrations"])
    assert all(content["demo"] for content in written(SANDBOX, demo=True).values())


@pytest.mark.parametrize("demo", [True, False])
def test_no_stack_becomes_a_demo_by_a_sandboxs_backup(tmp_path, monkeypatch, demo):
    """A new stack takes over from the backup whether it is one: its real hosts would have joined duties."""
    folder = tmp_path / SANDBOX
    folder.mkdir()
    for name, content in written(SANDBOX, demo=demo).items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setenv("ALONGSIDE_SECRETS", str(tmp_path))
    assert ClusterKept(SANDBOX, "mongodb://nowhere.invalid").about(SANDBOX)["stack"]["demo"] is demo
