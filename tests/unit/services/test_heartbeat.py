"""Heartbeats and the probe that reads them: a loop that hangs is seen, one that waits is not accused."""

import os
import subprocess
import sys
import threading
import time

import pytest

from deploy.engines.layout import PROJECT_ROOT
from shared.kernel.exits import EXIT_CONFIGURATION, EXIT_DONE, EXIT_REFUSED
from shared.runtime import probe
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.probe import verdict


def age(folder, loop, seconds):
    file = folder / f"{loop}.json"
    os.utime(file, (time.time() - seconds,) * 2)


class TestHeartbeat:
    def test_each_look_at_the_stop_signal_is_a_sign_of_life(self, tmp_path):
        """A loop that asks whether to stop is alive, and learns the truth."""
        stop = threading.Event()
        watched = Heartbeat(tmp_path).watch(stop, loop="relay-case")
        assert watched.is_set() is False
        assert verdict(tmp_path, ready=True, now=time.time()) == []
        stop.set()
        assert watched.is_set() is True

    def test_threads_that_share_a_signal_are_watched_one_by_one(self, tmp_path):
        """One that hangs is named although its neighbour goes on."""
        watched = Heartbeat(tmp_path).watch(threading.Event())
        for name in ("courier-board", "courier-custodian"):
            thread = threading.Thread(target=watched.is_set, name=name)
            thread.start()
            thread.join()
        age(tmp_path, "courier-custodian", 500)
        (wrong,) = verdict(tmp_path, ready=False, now=time.time())
        assert "courier-custodian" in wrong

    @pytest.mark.parametrize(("seconds", "well"), [(0, True), (59, True), (70, False)])
    def test_a_loop_has_its_own_patience(self, tmp_path, seconds, well):
        """Younger than its patience is well, older is not."""
        Heartbeat(tmp_path).watch(threading.Event(), loop="job", patience_s=60).is_set()
        age(tmp_path, "job", seconds)
        assert (verdict(tmp_path, ready=False, now=time.time()) == []) is well

    def test_a_living_loop_without_its_queue_is_not_ready(self, tmp_path):
        """Alive and ready are two questions; a change of readiness is written at once."""
        consuming = threading.Event()
        watched = Heartbeat(tmp_path).watch(threading.Event(), loop="consume", ready=consuming.is_set)
        watched.is_set()
        assert verdict(tmp_path, ready=False, now=time.time()) == []
        assert len(verdict(tmp_path, ready=True, now=time.time())) == 1
        consuming.set()
        watched.is_set()
        assert verdict(tmp_path, ready=True, now=time.time()) == []

    def test_what_an_earlier_process_left_is_forgotten(self, tmp_path):
        """After a restart in the same place an old loop's file accuses nobody."""
        Heartbeat(tmp_path).watch(threading.Event(), loop="gone").is_set()
        Heartbeat(tmp_path)
        assert verdict(tmp_path, ready=False, now=time.time()) == ["No loop has begun."]

    def test_without_a_folder_nothing_is_written_and_nothing_fails(self, tmp_path, monkeypatch):
        """Where nobody asks for heartbeats a loop runs as before."""
        monkeypatch.delenv("ALONGSIDE_HEARTBEAT", raising=False)
        monkeypatch.chdir(tmp_path)
        Heartbeat.of_this_process().watch(threading.Event(), loop="relay").is_set()
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_went_away_stops_no_loop(self, tmp_path):
        """The loop's work matters more than the note about it; the probe then says what it does not see."""
        folder = tmp_path / "beats"
        watched = Heartbeat(folder).watch(threading.Event(), loop="relay")
        folder.rmdir()
        assert watched.is_set() is False
        assert verdict(folder, ready=False, now=time.time()) == ["No loop has begun."]


class TestProbe:
    def test_exit_codes(self, tmp_path, monkeypatch, capsys):
        """0 well, 1 not well with the reason, 78 nobody said where to look."""
        monkeypatch.delenv("ALONGSIDE_HEARTBEAT", raising=False)
        assert probe.main(["live"]) == EXIT_CONFIGURATION
        monkeypatch.setenv("ALONGSIDE_HEARTBEAT", str(tmp_path))
        assert probe.main(["live"]) == EXIT_REFUSED
        assert "No loop has begun" in capsys.readouterr().err
        Heartbeat(tmp_path).watch(threading.Event(), loop="relay").is_set()
        assert [probe.main(["live"]), probe.main(["ready"])] == [EXIT_DONE, EXIT_DONE]

    def test_the_probe_loads_nothing_of_the_product_but_exit_codes(self):
        """It is started every few seconds; no driver, broker client or framework comes with it."""
        code = "import sys, shared.runtime.probe; print(*sorted(m for m in sys.modules))"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
        )
        loaded = set(done.stdout.split())
        assert not {"pymongo", "amqp", "kombu", "flask", "eventlet"} & {name.partition(".")[0] for name in loaded}
        assert {name for name in loaded if name.startswith(("shared", "services"))} == {
            "shared", "shared.kernel", "shared.kernel.exits", "shared.runtime", "shared.runtime.probe",
        }  # fmt: skip
