import os
import pwd
import shutil
import subprocess
import sys

import pytest

from deploy.engines.__main__ import main
from deploy.engines.layout import PROJECT_ROOT

ORDINARY_USER = "nobody"


class TestMain:
    @pytest.mark.parametrize("arguments", [[], ["sideways"], ["up", "down"]])
    def test_refuses_what_it_does_not_know(self, arguments, capsys):
        """A wrong command is a usage error and starts nothing."""
        assert main(arguments) == 2
        assert "up|down|status" in capsys.readouterr().err

    def test_status_of_nothing_is_1(self, tmp_path, monkeypatch, capsys):
        """A script can ask whether the engines run."""
        monkeypatch.setenv("ALONGSIDE_HOME", str(tmp_path / "none"))

        assert main(["status"]) == 1
        assert "mongod: does not run" in capsys.readouterr().out
        assert not (tmp_path / "none").exists()

    def test_says_what_is_wrong_in_one_line(self, monkeypatch, capsys):
        """No traceback for a mistake in a setting."""
        monkeypatch.setenv("ALONGSIDE_PORT_BASE", "many")

        assert main(["status"]) == 1
        assert capsys.readouterr().err.count("\n") == 1

    @pytest.mark.slow
    @pytest.mark.integration
    def test_an_ordinary_user_may_run_both_engines(self, make_layout):
        """Nothing needs root: where the suite runs as root it proves it as another user."""
        if os.geteuid() != 0:
            pytest.skip("the whole suite runs as an ordinary user already")
        try:
            subprocess.run([sys.executable, "-c", "import pymongo"], user=ORDINARY_USER, check=True, cwd="/")
        except (PermissionError, subprocess.CalledProcessError):
            pytest.skip(f"{ORDINARY_USER} may not run this interpreter or read its packages")
        layout = make_layout()
        shutil.chown(layout.home, pwd.getpwnam(ORDINARY_USER).pw_uid)

        def run(command):
            return subprocess.run(
                [sys.executable, "-B", "-m", "deploy.engines", command],
                user=ORDINARY_USER,
                group=pwd.getpwnam(ORDINARY_USER).pw_gid,
                extra_groups=[],
                cwd=PROJECT_ROOT,
                env=layout.as_environment(),
                capture_output=True,
                text=True,
                check=False,
            )

        try:
            up = run("up")
            assert up.returncode == 0, up.stderr
            assert run("status").returncode == 0
        finally:
            assert run("down").returncode == 0
