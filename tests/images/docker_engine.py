"""A docker engine for the slow tests: the one that answers, or Debian's own, installed and started for them."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from deploy.stack.api_client import ApiAwayError, ApiRefusedError

OFFICIAL = os.environ.get("ALONGSIDE_TEST_IMAGES") == "official"
PREVIOUS, NEXT, AGAIN = "alongside:previous", "alongside:next", "alongside:again"
# The published ports are this and two digits; below the range from which Linux gives clients theirs.
PORTS = os.environ.get("ALONGSIDE_TEST_PORTS", "266")
PACKAGES = {"docker": "docker.io", "dockerd": "docker.io", "docker-compose": "docker-compose", "debootstrap": "debootstrap", "iptables": "iptables"}  # fmt: skip


def run(*command, within_s=900, check=True, **environment):
    """Run a command and give what it said; a failure shows its last words."""
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within_s,
        check=False,
    )
    if check and done.returncode != 0:
        pytest.fail(f"{' '.join(command)} gave {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def build(tree, name, bases, *options):
    """Build our image from a tree."""
    # Not BuildKit, which needs a plugin that Debian does not carry.
    run(
        "docker",
        "build",
        "-q",
        "-t",
        name,
        "--build-arg",
        f"PIP_OPTIONS={bases['PIP_OPTIONS']}",
        *options,
        str(tree),
        DOCKER_BUILDKIT="0",
    )


def met(condition):
    """Whether a condition holds; on a machine so busy that an API says 503, or nothing, it does not hold yet."""
    try:
        return condition()
    except ApiAwayError:
        return False
    except ApiRefusedError as error:
        if error.status != 503:
            raise
        return False


def answers():
    """Whether an engine answers under the environment's address."""
    if shutil.which("docker") is None:
        return False
    with contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run(["docker", "info"], capture_output=True, timeout=30, check=False).returncode == 0
    return False


def install_what_is_missing():
    """Install the engine, compose and debootstrap from Debian's packages."""
    missing = sorted({package for program, package in PACKAGES.items() if shutil.which(program, path=_path()) is None})
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.fail(f"needs root on Debian to install {', '.join(missing)}, or an engine that answers in DOCKER_HOST")
    quiet = ("-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0")
    run("apt-get", *quiet, "update", check=False)
    run("apt-get", *quiet, "install", "-y", "--no-install-recommends", *missing, DEBIAN_FRONTEND="noninteractive")


@contextlib.contextmanager
def engine():
    """Give the address of an engine for DOCKER_HOST; one that we started ends with the block."""
    install_what_is_missing()
    if answers():
        yield os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        return
    if os.geteuid() != 0:
        pytest.fail("no docker engine answers, and only root can start one: start it, or set DOCKER_HOST")
    # A short path: a socket's may not be longer than 108 characters.
    home = Path(tempfile.mkdtemp(prefix="dockerd-"))
    address = f"unix://{home}/docker.sock"
    arguments = [
        shutil.which("dockerd", path=_path()),
        f"--data-root={home}/data",
        f"--exec-root={home}/exec",
        f"--pidfile={home}/pid",
        f"--host={address}",
    ]
    with (home / "log").open("wb") as log:
        daemon = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, "PATH": _path()}
        )
    try:
        os.environ["DOCKER_HOST"] = address
        deadline = time.monotonic() + 60
        while not answers():
            if daemon.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"dockerd does not run here: {(home / 'log').read_text(errors='replace')[-1500:]}")
            time.sleep(0.5)
        yield address
    finally:
        os.environ.pop("DOCKER_HOST", None)
        daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(timeout=60)
        shutil.rmtree(home, ignore_errors=True)


def _path():
    return os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
