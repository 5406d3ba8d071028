import pytest

from tests.integration.board.board_place import BoardPlace
from tests.integration.reporting.host_place import HostPlace


@pytest.fixture(scope="module")
def host(engines, tmp_path_factory):
    """A host with identity and reporting."""
    place = HostPlace(engines, tmp_path_factory.mktemp("operated"), number=174)
    yield place
    place.close()


@pytest.fixture(scope="module")
def board(engines, tmp_path_factory):
    """The board, and the central register where its people sign in."""
    place = BoardPlace(engines, tmp_path_factory.mktemp("operated-board"))
    place.serve()
    yield place
    place.close()
