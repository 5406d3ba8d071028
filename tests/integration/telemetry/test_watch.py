"""What waits in a tenant's databases and queues is seen without the relay's help."""

import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.bus.codec import Envelope
from shared.bus.names import PARKING
from shared.bus.publisher import Outgoing, Publisher
from shared.contracts.case import EpisodeOpened
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId, services_of
from shared.outbox.commands import Answer, Command
from shared.runtime.context import open_context
from shared.runtime.watch import Watch
from shared.telemetry.metric_names import CERTIFICATE_EXPIRES_IN, OUTBOX_AGE, OUTBOX_DEPTH, PARKED_DEPTH, UNROUTED_DEPTH
from shared.telemetry.metrics import configure_metrics, snapshot
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def watched(engines, monkeypatch, tmp_path):
    provisioner = Provisioner(engines.layout, timings=Timings(), demo=True)
    provisioner.provision_centre()
    tenant = TenantId("w" + secrets.token_hex(4))
    provisioner.provision(TenantSpec(id=tenant, name="Host", nation="ENGLAND", setting="OTHER", number=tenant_number()))
    (tmp_path / "board.pem").write_bytes(certificate_for(days=10))
    (tmp_path / "broken.pem").write_bytes(b"no certificate")
    file = engines.layout.secrets_dir / "credentials" / tenant / "reporting.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    settings["extra"]["certificate_files"] = {
        "board": str(tmp_path / "board.pem"),
        "broken": str(tmp_path / "broken.pem"),
    }
    file.write_text(json.dumps(settings), encoding="utf-8")
    monkeypatch.setenv("ALONGSIDE_SECRETS", str(engines.layout.secrets_dir / "credentials"))
    contexts = {service: open_context(tenant, service, kind="relay") for service in services_of(tenant)}
    configure_metrics((), resource={})
    yield contexts, Watch(contexts, provisioner.topology(tenant))
    for context in contexts.values():
        context.client.close()
    provisioner.remove(tenant)
    provisioner.close()


def certificate_for(*, days):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "board")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now).not_valid_after(now + timedelta(days=days)).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def value(metric, **labels):
    found = [p["value"] for p in snapshot()[metric.name]["points"] if p["labels"] == labels]
    return found[0] if found else None


def state_a_fact(context):
    def run(work):
        event = EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="ENGLAND")
        work.record(event, sequence=1)
        return Answer(status=201)

    context.committer.execute(Command(run=run))
    context.committer.close()


def test_rows_and_parked_messages_are_counted_while_no_relay_runs(watched, eventually):
    """An outbox that nobody empties has depth and age; a parked message counts for its service."""
    contexts, watch = watched
    watch.look()
    assert value(OUTBOX_DEPTH, service="case", route="local") == 0
    assert value(OUTBOX_AGE, service="case", route="local") == 0.0
    assert value(PARKED_DEPTH, consumer="consent") == 0
    assert value(UNROUTED_DEPTH) == 0
    state_a_fact(contexts["case"])
    context = contexts["consent"]
    publisher = Publisher(context.settings.amqp_uri)
    user = {"user_id": f"{context.tenant_id}.consent", "delivery_mode": 2}
    envelope = Envelope(routing_key="consent", headers={}, properties=user, body=b"{}")
    publisher.publish([Outgoing(exchange=PARKING, envelope=envelope, mandatory=True)])
    publisher.close()

    def seen():
        watch.look()
        return value(PARKED_DEPTH, consumer="consent") == 1

    eventually(seen, within_s=20)
    assert value(OUTBOX_DEPTH, service="case", route="local") == 1
    assert value(OUTBOX_AGE, service="case", route="local") > 0
    assert value(OUTBOX_DEPTH, service="consent", route="local") == 0


def test_a_certificate_shows_the_time_it_has_left(watched):
    """What the credentials file names is read; a file that is no certificate has ended, and harms no other figure."""
    _, watch = watched
    watch.look()
    assert 9 < value(CERTIFICATE_EXPIRES_IN, target="board") / 86_400 <= 10
    assert value(CERTIFICATE_EXPIRES_IN, target="broken") == 0.0
