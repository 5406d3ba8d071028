import json
import os
import signal
import socket

import pytest

from deploy.engines.errors import HomeInUseError, PortTakenError
from deploy.engines.layout import Layout
from deploy.engines.processes import OwnedProcess, refuse_taken_port


@pytest.fixture
def layout(tmp_path):
    layout = Layout(home=tmp_path, port_base=30000)
    layout.make_dirs()
    return layout


@pytest.fixture
def process(layout):
    process = OwnedProcess(layout, "sleeper")
    yield process
    process.kill()


def start(process):
    return process.spawn(["/bin/sleep", "600"], environment={})


class TestOwnedProcess:
    def test_is_found_again_by_another_process(self, process, layout):
        """The record on disk is enough: up and down are different runs of the command line."""
        pid = start(process)

        assert OwnedProcess(layout, "sleeper").pid() == pid

    def test_a_stale_record_is_no_process(self, process):
        """After a power cut the record names a pid that is gone."""
        pid = start(process)
        os.kill(pid, signal.SIGKILL)
        process.kill()

        assert process.pid() is None
        process.stop(within_s=1)

    @pytest.mark.parametrize(
        "change", [{"started_ticks": 1}, {"boot_id": "another"}], ids=["other start", "other boot"]
    )
    def test_never_signals_a_stranger_with_the_same_pid(self, process, layout, change):
        """A pid given to another program since is not ours: nothing is sent to it."""
        pid = start(process)
        record_file = layout.pids_dir / "sleeper.json"
        kept = record_file.read_text()
        record_file.write_text(json.dumps(json.loads(kept) | change))

        assert process.pid() is None
        assert process.send(signal.SIGKILL) is False
        process.stop(within_s=1)

        record_file.write_text(kept)
        assert process.pid() == pid

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1}'])
    def test_a_torn_record_is_no_process(self, process, layout, text):
        """Half a record identifies nothing, and harms nothing."""
        (layout.pids_dir / "sleeper.json").write_text(text)

        assert process.pid() is None

    def test_stop_ends_a_suspended_process(self, process):
        """A process that a fault test froze still stops cleanly."""
        start(process)
        process.send(signal.SIGSTOP)

        process.stop(within_s=5)

        assert process.pid() is None

    def test_stop_ends_one_that_does_not_listen(self, process, eventually):
        """Past the grace the process is ended by force."""
        process.spawn(["/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"], environment={})
        eventually(lambda: process.last_words() == "deaf")

        process.stop(within_s=0.3)

        assert process.pid() is None

    def test_other_ports_of_the_same_home_are_refused(self, process, layout):
        """One home runs on one port base at a time; the message names the one it runs on."""
        start(process)
        elsewhere = OwnedProcess(Layout(home=layout.home, port_base=31000), "sleeper")

        with pytest.raises(HomeInUseError, match="ALONGSIDE_PORT_BASE=30000"):
            elsewhere.refuse_other_ports()


class TestRefuseTakenPort:
    def test_says_what_which_and_how_to_mend(self):
        """The message names the engine, the port and the variable."""
        with socket.socket() as stranger:
            stranger.bind(("127.0.0.1", 0))
            stranger.listen()
            port = stranger.getsockname()[1]

            with pytest.raises(PortTakenError, match=rf"MongoDB .* port {port} .* ALONGSIDE_PORT_BASE="):
                refuse_taken_port(port, engine="MongoDB", purpose="database")

    def test_takes_a_port_whose_last_connection_just_ended(self):
        """A restart right after a stop is no conflict."""
        with socket.socket() as server, socket.socket() as client:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", 0))
            server.listen()
            port = server.getsockname()[1]
            client.connect(("127.0.0.1", port))
            server.accept()[0].close()

        refuse_taken_port(port, engine="MongoDB", purpose="database")
