"""Fixtures of the image tests: an engine, base images and our image, made once."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from docker_engine import NEXT, OFFICIAL, PORTS, PREVIOUS, build, engine, run

from deploy.demo.hosts import PERIOD
from deploy.engines.layout import PROJECT_ROOT
from shared.codelists.periods import Period
from shared.kernel.clock import write_offset


@pytest.fixture(scope="session")
def docker_host():
    """A docker engine that answers at DOCKER_HOST."""
    with engine() as address:
        yield address


@pytest.fixture(scope="session")
def bases(docker_host):
    """Base images and wheels: stand-ins, or with ALONGSIDE_TEST_IMAGES=official what the registry gives."""
    if OFFICIAL:
        return {"PIP_OPTIONS": "", "mongo": "7.0.28", "rabbitmq": "3.13-management"}
    run("deploy/offline/build.sh", PYTHON=sys.executable)
    return {"PIP_OPTIONS": "--no-index", "mongo": "6.0", "rabbitmq": "3.10-management"}


@pytest.fixture(scope="session")
def image(bases):
    """The image of this working tree."""
    build(PROJECT_ROOT, NEXT, bases)
    return NEXT


@pytest.fixture(scope="session")
def previous_image(bases, tmp_path_factory):
    """The image of the commit before this one, or of the revision in ALONGSIDE_PREVIOUS."""
    revision = os.environ.get("ALONGSIDE_PREVIOUS", "HEAD~1")
    folder = tmp_path_factory.mktemp("previous")
    archive = folder / "tree.tar"
    git = ["git", "-C", str(PROJECT_ROOT), "archive", "--output", str(archive)]
    if subprocess.run([*git, revision, "Dockerfile", "."], capture_output=True, check=False).returncode != 0:
        # A history too short, as in a shallow clone: then the upgrade is from the last commit.
        run(*git, "HEAD")
    with tarfile.open(archive) as tree:
        tree.extractall(folder / "tree", filter="data")
    if not OFFICIAL:
        shutil.copytree(PROJECT_ROOT / "deploy/offline/wheels", folder / "tree/deploy/offline/wheels")
    build(folder / "tree", PREVIOUS, bases)
    return PREVIOUS


@pytest.fixture(scope="session")
def compose_settings(bases):
    """Sets, for compose, what does not change between stacks."""
    settings = {
        "ALONGSIDE_MONGO_TAG": bases["mongo"],
        "ALONGSIDE_RABBITMQ_TAG": bases["rabbitmq"],
        "COMPOSE_HTTP_TIMEOUT": "300",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield settings


@pytest.fixture(scope="session")
def docker_compose_command():
    """Compose v2 where it is there, else docker-compose."""
    has_plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    return "docker compose" if has_plugin else "docker-compose"


@pytest.fixture(scope="session")
def docker_compose_file():
    """The committed file."""
    return str(PROJECT_ROOT / "docker-compose.yml")


@pytest.fixture(scope="session")
def demo_home(previous_image, image, compose_settings):
    """The folder of secrets of a demo, drawn by the operator's own script; gives its ``home``."""
    folder = Path(tempfile.mkdtemp(prefix="alongside-secrets-"))
    settings = {
        "ALONGSIDE_SECRETS_FOLDER": str(folder),
        "ALONGSIDE_PORTS": PORTS,
        "ALONGSIDE_IMAGE": previous_image,
        "COMPOSE_PROFILES": "demo",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        run("deploy/containers/secrets.sh", "demo")
        # The business clock stands in the period before anything starts; it never runs backwards in service.
        moment = Period.parse(PERIOD).seal_at() - timedelta(hours=20)
        write_offset(folder / "home/clock/clock.json", (moment - datetime.now(UTC)).total_seconds())
        yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def docker_compose_project_name():
    """Ours alone."""
    return f"alongsidetest{os.getpid()}"


@pytest.fixture(scope="session")
def docker_setup(demo_home):
    """Up, with the previous image; never what pytest-docker would do, which needs compose v2."""
    return ["up -d"]


@pytest.fixture(scope="session")
def docker_cleanup():
    """Nothing stays, but for a person who looks into a failure."""
    # On a busy machine the daemon lets go of a network's last end a moment after its container is gone.
    return [] if os.environ.get("ALONGSIDE_KEEP") == "1" else ["down -v || sleep 15", "down -v"]
