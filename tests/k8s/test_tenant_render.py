"""``alongside tenant render``: same words, same bytes; secrets are drawn once and never lie in the tree."""

import json
import shlex
import stat

import pytest
import yaml
from merge import build
from policies import tells_no_secret
from trees import COMMITTED, K8S, UNCOMMITTED, built, dev_tree
from typer.testing import CliRunner

from client.main import app
from client.rendering import DropClaimError, ServerAddressError
from deploy.engines.layout import PROJECT_ROOT
from deploy.render.credentials import centre_secrets, tenant_secrets
from deploy.render.folder import MADE, render, write
from deploy.render.names import Rendered, UnknownServerError
from deploy.render.secret_values import MissingValueError, SecretsInTreeError, write_secrets
from shared.codelists.errors import UnknownCodeError
from shared.kernel.tenancy import BOARD, InvalidTenantIdError, TenantId

WORDS = [
    "tenant", "render", "example", "--name", "Example host", "--nation", "ENGLAND",
    "--setting", "ANTI_SLAVERY_CHARITY",
    "--board", "broker.board.example=192.0.2.10/32", "--custodian", "broker.custodian.example=198.51.100.10/32",
]  # fmt: skip
EXAMPLE = COMMITTED[0]


def run(*words):
    return CliRunner().invoke(app, list(words), catch_exceptions=True)


def files_of(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class TestCommand:
    def test_the_committed_example_is_what_the_command_writes(self, tmp_path):
        """The words in the how-to give the bytes in the tree, and so they do a second time."""
        for _ in range(2):
            result = run(*WORDS, "--into", str(tmp_path), "-o", "json")
            assert result.exit_code == 0
            assert files_of(tmp_path / "example") == {
                **files_of(K8S / "tenants" / "example"),
                **{path: text.encode() for path, text in render(EXAMPLE).items() if path.endswith(UNCOMMITTED)},
            }
        assert "kustomization.yaml" in json.loads(result.stdout)["files"]

    def test_the_volume_that_others_fill_is_mounted_where_the_job_looks_and_for_nobody_else(self, tmp_path):
        """By the claim's name; where none is named, nothing is mounted."""
        assert run(*WORDS, "--drop-claim", "brought", "--into", str(tmp_path)).exit_code == 0
        (patch,) = (
            one for one in yaml.safe_load((tmp_path / "example" / "kustomization.yaml").read_text())["patches"]
            if "brought" in one["patch"]
        )  # fmt: skip
        assert patch["target"] == {"kind": "Deployment", "name": "job"}
        mount, volume = (step["value"] for step in yaml.safe_load(patch["patch"]))
        assert volume == {"name": mount["name"], "persistentVolumeClaim": {"claimName": "brought"}}
        (told,) = (
            json.loads(template.data["case.json"])
            for template in tenant_secrets(EXAMPLE)
            if "case.json" in template.data
        )
        assert told["extra"]["drop_folder"] == mount["mountPath"]
        assert "drop" not in yaml.safe_load((K8S / "tenants" / "example" / "kustomization.yaml").read_text())["patches"]

    @pytest.mark.parametrize(
        "words", [["example", "Drop"], ["example", "a" * 64], ["example", "-a"], ["board", "brought"]]
    )
    def test_a_claim_that_is_none_is_refused(self, tmp_path, words):
        """Before anything is written; the centre takes no files."""
        tenant, claim = words
        given = ["tenant", "render", tenant, *WORDS[3:], "--drop-claim", claim, "--into", str(tmp_path)]
        assert isinstance(run(*given).exception, DropClaimError)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        ("words", "error"),
        [
            (["--nation", "FRANCE"], UnknownCodeError),
            (["--setting", "SHOP"], UnknownCodeError),
            (["--board", "broker.board.example"], ServerAddressError),
        ],
    )
    def test_what_is_wrong_is_refused_before_anything_is_written(self, tmp_path, words, error):
        """An unknown nation or setting, or an address without a network."""
        result = run(*WORDS, *words, "--into", str(tmp_path))
        assert isinstance(result.exception, error)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(("words", "error"), [(["Example"], InvalidTenantIdError), (["other"], UnknownServerError)])
    def test_a_tenant_needs_an_id_and_its_servers(self, tmp_path, words, error):
        """A bad id, or a host without the servers' addresses."""
        result = run("tenant", "render", *words, "--nation", "WALES", "--into", str(tmp_path))
        assert isinstance(result.exception, error)


class TestFolder:
    def test_two_tenants_share_no_name_that_a_broker_would_see(self):
        """Vhost, users and Secrets of one tenant are not another's."""
        other = Rendered(
            tenant=TenantId("other"), name="Other", nation="WALES", setting="OTHER", remotes=EXAMPLE.remotes
        )
        text = "".join(t for path, t in render(other).items() if not path.startswith("at-"))
        assert "example." not in text.replace("broker.board.example", "").replace("broker.custodian.example", "")

    def test_what_is_no_longer_made_goes_away_and_strangers_stay(self, tmp_path):
        """Rendering again removes our own old files only."""
        (tmp_path / "old.yaml").write_text(MADE + "kind: Old\n")
        (tmp_path / "theirs.yaml").write_text("kind: Theirs\n")
        write(render(EXAMPLE), tmp_path)
        assert not (tmp_path / "old.yaml").exists()
        assert (tmp_path / "theirs.yaml").exists()

    def test_a_dev_cluster_needs_neither_keda_nor_external_secrets(self, tmp_path):
        """One pod of each, storage of one machine, no kind of those operators."""
        resources = build(dev_tree(tmp_path))
        assert not {"ScaledObject", "TriggerAuthentication", "ExternalSecret", "HorizontalPodAutoscaler"} & {
            r["kind"] for r in resources
        }
        assert {r["spec"].get("replicas", 1) for r in resources if r["kind"] == "Deployment"} == {1}
        (claim,) = [r for r in resources if r["kind"] == "PersistentVolumeClaim"]
        assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]


class TestSecrets:
    def test_they_are_drawn_once_and_for_their_owner_only(self, tmp_path):
        """A second run changes nothing; every file has mode 0600."""

        def written():
            store, filled = write_secrets(tmp_path / "s", EXAMPLE.tenant, tenant_secrets(EXAMPLE))
            return [(f, f.read_text(), stat.S_IMODE(f.stat().st_mode)) for f in (store, *filled)]

        first = written()
        assert written() == first
        assert {mode for _, _, mode in first} == {0o600}

    def test_filled_secrets_have_every_value_and_no_slot_left(self, tmp_path):
        """What External Secrets would fill is filled, in its namespace, with a different value in each place."""
        store_file, files = write_secrets(tmp_path, EXAMPLE.tenant, tenant_secrets(EXAMPLE))
        own, engines = ([*yaml.safe_load_all(f.read_text())] for f in files)
        assert "{{" not in "".join(f.read_text() for f in files)
        store = json.loads(store_file.read_text())
        values = [value for item in store.values() for value in item.values()]
        assert len(set(values)) == len(values)
        assert {s["metadata"]["name"] for s in own} == {t.name for t in tenant_secrets(EXAMPLE)}
        assert {s["metadata"]["namespace"] for s in own} == {"alongside-example"}
        assert [s["metadata"]["namespace"] for s in engines] == ["alongside-engines"]
        # The rule that keeps secrets out of manifests would find the passwords in these addresses.
        assert any(finding.endswith("a secret") for finding in tells_no_secret(own))

    def test_two_tenants_of_one_cluster_share_its_engines_password_and_nothing_else(self, tmp_path):
        """One folder is one owner's; the database has one administrator."""
        other = Rendered(tenant=TenantId("other"), name="O", nation="WALES", setting="OTHER", remotes=EXAMPLE.remotes)
        write_secrets(tmp_path, EXAMPLE.tenant, tenant_secrets(EXAMPLE))
        store_file, _ = write_secrets(tmp_path, other.tenant, tenant_secrets(other))
        store = json.loads(store_file.read_text())
        assert set(store) == {"engines", "example", "other"}
        assert not set(store["example"].values()) & set(store["other"].values())

    def test_a_value_that_came_from_elsewhere_stays(self, tmp_path):
        """A server's password for the courier, put into the store file by hand, is what the courier gets."""
        given = {"example": {"amqp_courier_at_board": "given-by-the-board"}}
        (tmp_path / "store.json").write_text(json.dumps(given))
        _, (own, _) = write_secrets(tmp_path, EXAMPLE.tenant, tenant_secrets(EXAMPLE))
        assert "courier.example:given-by-the-board@broker.board.example:5671/board" in own.read_text()

    def test_the_boards_token_key_is_the_registers(self, tmp_path):
        """Drawing one would shut everybody out; it is asked for, and then used."""
        board = tenant_secrets(COMMITTED[1])
        with pytest.raises(MissingValueError):
            write_secrets(tmp_path, BOARD, board)
        (tmp_path / "store.json").write_text(json.dumps({"board": {"token_public": "5a" * 32}}))
        _, (own, _) = write_secrets(tmp_path, BOARD, board)
        assert "5a" * 32 in own.read_text()

    def test_they_are_never_written_into_the_tree(self):
        """Where a commit could take them."""
        with pytest.raises(SecretsInTreeError):
            write_secrets(PROJECT_ROOT / "k8s" / "secrets", EXAMPLE.tenant, tenant_secrets(EXAMPLE))

    def test_a_server_keeps_one_password_for_a_courier(self):
        """The only secret of a host's that the board's or custodian's store holds."""
        for server, templates in centre_secrets(EXAMPLE.tenant).items():
            assert [v for t in templates for v in t.values.values()] == [(server, "amqp_courier_example")]


class TestHowTo:
    TEXT = (PROJECT_ROOT / "docs" / "how-to" / "run-on-kubernetes.md").read_text(encoding="utf-8")

    def lines(self, start):
        joined = self.TEXT.replace("\\\n", " ")
        return [shlex.split(line, comments=True) for line in joined.splitlines() if line.startswith(start)]

    def test_every_render_command_in_it_runs(self, tmp_path):
        """Word by word, into another folder."""
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "store.json").write_text(json.dumps({"board": {"token_public": "5a" * 32}}))
        commands = self.lines("alongside tenant render")
        assert len(commands) >= 4
        for command in commands:
            words = [str(tmp_path / "secrets") if word.startswith("~/") else word for word in command[1:]]
            result = run(*words, "--into", str(tmp_path / "tenants"))
            assert result.exit_code == 0, result.exception

    def test_every_folder_in_it_is_there(self):
        """What it tells people to build or apply can be built."""
        folders = [word for line in self.lines("kubectl") for word in line if word.startswith("k8s/")]
        assert folders
        for folder in folders:
            assert built(folder.removeprefix("k8s/"))
