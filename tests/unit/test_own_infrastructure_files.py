"""The two files that bring in a host of its own, the folder of secrets, and the image's health check."""

import http.server
import json
import os
import subprocess
import threading
from pathlib import Path

import pytest

from deploy.containers import healthy, provision, secret_folder
from deploy.containers.stack import ContainerLayout
from deploy.containers.stack_kind import OtherStackError, What
from deploy.provision.apart import ExchangeFileError, Invitation, Request, TlsFiles, draw_request
from deploy.provision.spec import TenantSpec
from shared.bus.tls import ClientTls
from shared.kernel.errors import InvalidInputError
from shared.kernel.exits import EXIT_CONFIGURATION
from shared.kernel.tenancy import TenantId

ROOT = Path(__file__).parents[2]
OAK = TenantSpec(id=TenantId("oak"), name="Oak House", nation="WALES", setting="OTHER", number=0)


@pytest.fixture
def layout(tmp_path):
    return ContainerLayout(home=tmp_path, port_base=27400)


def test_a_request_comes_back_as_it_was_written(layout):
    """The host's signing key is drawn once; the request holds its public half and nothing secret."""
    drawn = draw_request(layout, OAK)
    drawn.write(layout.home / "request.json")
    assert Request.read(layout.home / "request.json") == drawn == draw_request(layout, OAK)
    secret = (layout.secrets_dir / "credentials/oak/signing.key").read_text()
    assert secret not in (layout.home / "request.json").read_text()


@pytest.mark.parametrize("content", [None, "no json", "[]", "{}", json.dumps({"host": "board"})])
def test_a_wrong_request_is_refused(tmp_path, content):
    """A file that is missing or of another form is named, with whom to ask."""
    file = tmp_path / "request.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ExchangeFileError, match=r"request\.json .* Ask the host"):
        Request.read(file)


def test_an_invitation_is_for_one_host(tmp_path):
    """Another host's invitation does not provision this one."""
    file = tmp_path / "invitation.json"
    file.write_text(Invitation(host="ash", remotes={}, signing_keys={}).as_json())
    with pytest.raises(ExchangeFileError, match="invites ash, not oak"):
        Invitation.read(file, tenant=TenantId("oak"))


def test_the_couriers_address_names_its_files(tmp_path):
    """What the provisioner writes is what the connection reads."""
    query = TlsFiles.in_folder(tmp_path / "tls").query()
    _, tls = ClientTls.of(f"amqps://courier.oak:x@centre.example:5671/board?{query}")
    assert (tls.authorities, tls.certificate, tls.key) == tuple(
        tmp_path / "tls" / name for name in ("authorities.pem", "certificate.pem", "key.pem")
    )


def test_a_folder_of_secrets_is_of_one_stack(tmp_path):
    """Secrets drawn for one host are never taken for another's or for a demo's."""
    file = tmp_path / "stack-kind.json"
    What(kind="host", tenant="oak").keep(file)
    What(kind="host", tenant="oak", name="Oak House").keep(file)
    for other in (What(kind="host", tenant="ash"), What(kind="demo")):
        with pytest.raises(OtherStackError, match="is of the stack host oak"):
            other.keep(file)


@pytest.mark.parametrize("wrong", [{"tenant": "Oak!"}, {"nation": "FRANCE"}, {"setting": "PUB"}])
def test_a_host_is_checked_before_anything_is_drawn(wrong):
    """An id, nation or setting that does not exist is refused at once."""
    given = {"kind": "host", "tenant": "oak", "name": "Oak", "nation": "WALES", "setting": "OTHER", **wrong}
    with pytest.raises(InvalidInputError):
        What.given(**given)


@pytest.mark.parametrize("words", [["--sandbox", "sandboxoak"], ["--sandbox=sandboxoak"]], ids=" ".join)
def test_the_sandbox_beside_a_host_is_started_however_it_was_written(tmp_path, words):
    """What drew its secrets takes both ways of writing an option, so compose must hear of both."""
    script, docker = tmp_path / "deploy/containers/secrets.sh", tmp_path / "bin/docker"
    for path, text in ((script, (ROOT / "deploy/containers/secrets.sh").read_text()), (docker, "#!/bin/sh\n")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)
    environment = {"PATH": f"{docker.parent}:{os.defpath}"}
    subprocess.run([script, "host", "oak", *words], env=environment, check=True, capture_output=True)
    said = set((tmp_path / ".env").read_text().split())
    assert said == {"COMPOSE_PROFILES=host,sandbox", "ALONGSIDE_HOST=oak", "ALONGSIDE_SANDBOX=sandboxoak"}


def test_who_was_let_into_a_hosts_folder_stays_let_in(tmp_path, monkeypatch):
    """The secrets may be drawn again, such as to add a sandbox: the group that an operator gave the folder stays."""
    given = []
    monkeypatch.setattr(os, "chown", lambda path, user, group: given.append((path, user, group)))
    for _ in range(2):
        secret_folder.make(tmp_path / "secrets", What(kind="host", tenant="oak"), tmp_path / "drop")
    folder, ours = tmp_path / "drop/oak", secret_folder.OURS
    assert [one for one in given if one[0] == folder] == [(folder, ours, ours), (folder, ours, -1)]


def test_provisioning_without_secrets_says_so(tmp_path, capsys):
    """An empty folder of secrets is a wrong configuration, with the line that draws one."""
    assert provision.main(["--home", str(tmp_path), "stack"]) == EXIT_CONFIGURATION
    assert "deploy/containers/secrets.sh" in capsys.readouterr().err


@pytest.fixture
def api():
    """An api that answers /readyz with a status of the test's choice."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(self.server.status if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.status = 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (503, 1)])
def test_an_api_is_as_well_as_it_says(api, status, expected):
    """The health check of an api's container is the api's own readiness."""
    api.status = status
    command = ["python", "-m", "services.run", "api", "--tenant", "oak", "--port", str(api.server_port)]
    assert healthy.main(command) == expected


def test_an_api_that_does_not_answer_is_unwell():
    """Nobody listens on port 1."""
    assert healthy.main(["python", "-m", "services.run", "api", "--port", "1"]) == 1


def test_other_kinds_are_asked_by_their_heartbeats(tmp_path, monkeypatch):
    """A worker without a heartbeat is unwell, one with a fresh one is well."""
    monkeypatch.setenv("ALONGSIDE_HEARTBEAT", str(tmp_path))
    command = ["python", "-m", "services.run", "worker", "--tenant", "oak"]
    assert healthy.main(command) == 1
    (tmp_path / "consume.json").write_text(json.dumps({"patience_s": 60, "ready": True}))
    assert healthy.main(command) == 0
