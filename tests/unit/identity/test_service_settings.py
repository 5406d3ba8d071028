"""The credentials file of a service, read before anything starts."""

import json

import pytest

from shared.kernel.tenancy import TenantId
from shared.runtime.context import ConfigurationError, ServiceSettings

HOST = TenantId("host")
WHOLE = {
    "mongo_uri": "mongodb://x", "amqp_uri": "amqp://x", "vhost": "t-host", "data_dir": "d", "tenant_key_file": "k",
    "token_public_keys": ["00"], "token_issuer": "host", "clock_file": "c", "name": "A host", "nation": "WALES",
    "setting": "HEALTH", "api_port": 1, "demo": False, "mark_settle_s": 15, "mark_every_s": 60, "poll_s": 1,
    "job_every_s": 5, "retry_delays_ms": [1], "extra": {},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ALONGSIDE_SECRETS", str(tmp_path))
    (tmp_path / HOST).mkdir()
    return tmp_path / HOST


class TestLoad:
    def test_reads_the_file_of_the_tenant_s_service(self, folder):
        """The folder is named by the environment, the rest stands in the file."""
        (folder / "identity.json").write_text(json.dumps(WHOLE), encoding="utf-8")
        settings = ServiceSettings.load(HOST, "identity")
        assert (settings.name, settings.retry_delays_ms) == ("A host", (1,))

    @pytest.mark.parametrize(
        "content",
        [None, "no json", "[]", "{}", json.dumps({**WHOLE, "surplus": 1}), json.dumps({**WHOLE, "data_dir": 5})],
    )
    def test_a_file_that_cannot_be_used_is_named_with_what_mends_it(self, folder, content):
        """The process ends with 78, and its content is not repeated."""
        if content is not None:
            (folder / "identity.json").write_text(content, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"identity\.json.*alongside tenant add") as caught:
            ServiceSettings.load(HOST, "identity")
        assert "mongodb" not in str(caught.value)

    def test_a_folder_that_is_not_named_is_asked_for(self, monkeypatch):
        """Without the environment nothing is guessed."""
        monkeypatch.delenv("ALONGSIDE_SECRETS", raising=False)
        with pytest.raises(ConfigurationError, match="ALONGSIDE_SECRETS"):
            ServiceSettings.load(HOST, "identity")
