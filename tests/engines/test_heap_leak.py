"""CVE-2025-14847: a mongod that offers zlib answers a malformed message with its own memory, without a login."""

import re
import socket
import struct
import zlib
from types import SimpleNamespace

import pytest
import yaml
from pymongo import MongoClient

from deploy.containers import replica_set
from deploy.engines import mongod as module
from deploy.engines.layout import PROJECT_ROOT
from deploy.engines.mongod import Mongod
from deploy.provision.spec import Timings
from deploy.provision.tenants import Provisioner
from deploy.stack import report
from deploy.stack.state import StackState
from shared.bus.topology import RetryLadder
from shared.kernel.exits import EXIT_CONFIGURATION
from shared.runtime import database_engine, place, processes
from shared.runtime.database_engine import LeakyDatabaseError, is_affected, refuse_leaky_members

_COMPRESSED, _MESSAGE, _ZLIB = 2012, 2013, 2


def malformed(claimed):
    """A message that says it holds ``claimed`` bytes when unpacked and holds eleven."""
    document = struct.pack("<i", claimed) + b"\x10a\x00\x01\x00\x00\x00"
    packed = zlib.compress(struct.pack("<I", 0) + b"\x00" + document)
    body = struct.pack("<iiB", _MESSAGE, claimed + 500, _ZLIB) + packed
    return struct.pack("<iiii", 16 + len(body), 7, 0, _COMPRESSED) + body


def answer_to(port, message):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as nobody:
        nobody.sendall(message)
        answer = b""
        while len(answer) < 4 or len(answer) < struct.unpack("<i", answer[:4])[0]:
            try:
                more = nobody.recv(65_536)
            except ConnectionResetError:
                break
            if not more:
                break
            answer += more
    return answer


@pytest.fixture(scope="module")
def leaky(make_layout):
    """A node of the same version that offers zlib, as ours did; the start has refused it and left it running."""
    node = Mongod(make_layout())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COMPRESSORS", "snappy,zstd,zlib")
        try:
            with pytest.raises(LeakyDatabaseError, match=r"6\.0\.5 offers zlib.*alongside down, then alongside up"):
                node.start()
            assert node.is_running()
            yield node
        finally:
            node.stop()


@pytest.mark.integration
@pytest.mark.parametrize("claimed", [60, 100, 500, 2_000, 8_000, 100_000])
def test_the_malformed_message_gets_nothing(engines, claimed):
    """Not one byte comes back from the engine that we start, whatever length the message claims."""
    assert answer_to(engines.layout.mongod_port, malformed(claimed)) == b""


@pytest.mark.integration
def test_the_same_message_reads_memory_where_zlib_is_offered(leaky):
    """The naive twin: with zlib the same version answers, so the test above sends what the attack sends."""
    answer = answer_to(leaky._layout.mongod_port, malformed(2_000))
    assert struct.unpack("<i", answer[12:16])[0] == _COMPRESSED
    assert b"errmsg" in zlib.decompress(answer[25:])


@pytest.mark.integration
def test_the_provisioner_refuses_such_a_server(leaky):
    """No tenant is made on a server that leaks; also one that others started."""
    with pytest.raises(LeakyDatabaseError):
        refuse_leaky_members(leaky.admin_uri())

    class Pair:
        mongod = leaky

    with pytest.raises(LeakyDatabaseError):
        Provisioner(leaky._layout, timings=Timings(), demo=True, engines=Pair())


@pytest.mark.integration
def test_a_process_does_not_start_on_it(leaky, monkeypatch, capsys):
    """A process of any kind ends with 78 and the sentence before it reads or consumes anything."""
    with MongoClient(leaky.admin_uri()) as client:
        context = SimpleNamespace(client=client, settings=SimpleNamespace(ladder=RetryLadder(delays_ms=(100,))))
        monkeypatch.setattr(place, "open_context", lambda *_args, **_kind: context)
        monkeypatch.setattr(processes, "configure_logging", lambda **_named: None)
        for name in ("_marker", "check_marker", "check_schema"):
            monkeypatch.setattr(place, name, lambda *_args, **_named: None)
        code = processes.run("relay", tenant="alder", services="case", listen=processes.Listen())
    assert code == EXIT_CONFIGURATION
    assert "CVE-2025-14847" in capsys.readouterr().err


@pytest.mark.integration
def test_doctor_says_so_and_how_to_mend_it(leaky, monkeypatch):
    """It is the one finding: nothing else matters before."""

    class Running:
        mongod = leaky

        @staticmethod
        def is_running():
            return True

    class Stack:
        engines, layout, state = Running, leaky._layout, StackState(demo=True, timings=Timings())

    monkeypatch.setattr(report, "process_findings", lambda _stack: [])
    (finding,) = report.doctor(Stack)
    assert "CVE-2025-14847" in finding["what"]
    assert "networkMessageCompressors: snappy,zstd" in finding["what"]
    assert finding["mend"] == "alongside down, then alongside up"


@pytest.mark.integration
def test_a_container_is_not_made_a_replica_set(leaky, monkeypatch, capsys, tmp_path):
    """The container that prepares the database ends with 78 and the sentence."""
    secret = tmp_path / "database-admin"
    secret.write_text("unused")

    def leaks(*, address, password):
        refuse_leaky_members(leaky.admin_uri())

    monkeypatch.setattr(replica_set, "prepare", leaks)
    assert replica_set.main(["--password-file", str(secret)]) == EXIT_CONFIGURATION
    assert "CVE-2025-14847" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 6, 23, 0), True), ((4, 2, 25, 0), True), ((4, 4, 29, 0), True), ((4, 4, 30, 0), False),
        ((5, 0, 31, 0), True), ((5, 0, 32, 0), False), ((6, 0, 5, 0), True), ((6, 0, 26, 0), True),
        ((6, 0, 27, 0), False), ((6, 1, 1, 0), True), ((7, 0, 14, 0), True), ((7, 0, 27, 0), True),
        ((7, 0, 28, 0), False), ((7, 3, 4, 0), True), ((8, 0, 16, 0), True), ((8, 0, 17, 0), False),
        ((8, 2, 2, 0), True), ((8, 2, 3, 0), False), ((8, 3, 0, 0), False), ((9, 0, 0, 0), False),
    ],
)  # fmt: skip
def test_the_affected_versions_are_the_makers(version, affected):
    """As MongoDB's notice lists them; a line that got no fix counts as affected."""
    assert is_affected(version) is affected


class Member:
    """Answers as a server of a version that offers what it offers."""

    def __init__(self, version, *offered):
        self.admin, self._version, self._offered = self, version, offered

    def command(self, name, **options):
        if name == "hello":
            return {"compression": [c for c in options["compression"] if c in self._offered]}
        return {"version": ".".join(map(str, self._version[:3])), "versionArray": list(self._version)}


def test_a_fixed_server_may_offer_zlib_and_an_affected_one_must_not():
    """Either mend is enough."""
    database_engine.refuse_leaky_member(Member((7, 0, 28, 0), "snappy", "zlib"))
    database_engine.refuse_leaky_member(Member((6, 0, 5, 0), "snappy", "zstd"))
    with pytest.raises(LeakyDatabaseError):
        database_engine.refuse_leaky_member(Member((7, 0, 14, 0), "snappy", "zlib"))


def test_every_file_that_starts_a_mongod_switches_zlib_off():
    """Compose, Kubernetes, the stand-in image: each says so itself, and names a fixed version."""
    compose = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["mongo"]
    assert "--networkMessageCompressors=snappy,zstd" in compose["command"]
    (database,) = [
        d
        for d in yaml.safe_load_all((PROJECT_ROOT / "k8s/engines/database.yaml").read_text(encoding="utf-8"))
        if d["kind"] == "MongoDBCommunity"
    ]
    assert database["spec"]["additionalMongodConfig"]["net.compression.compressors"] == "snappy,zstd"
    named = [database["spec"]["version"], re.search(r"\d+\.\d+\.\d+", compose["image"])[0]]
    assert [v for v in named if is_affected([int(n) for n in v.split(".")])] == []
    starting = re.compile(r"""^\s*- mongod$|\bCMD \["mongod"|"--replSet"|--replSet=""", re.MULTILINE)
    folders = ("deploy", "k8s", "client", "docs", ".ci")
    files = [f for folder in folders for f in (PROJECT_ROOT / folder).rglob("*") if f.is_file()]
    files += PROJECT_ROOT.glob("*.yml")
    wrong = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if starting.search(text) and "networkMessageCompressors" not in text:
            wrong.append(file.name)
    assert wrong == []
