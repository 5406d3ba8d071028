import pytest

from tests.kit.board_place import BoardPlace


@pytest.fixture(scope="module")
def shared_place(engines, tmp_path_factory):
    place = BoardPlace(engines, tmp_path_factory.mktemp("board"))
    yield place
    place.close()


@pytest.fixture
def place(shared_place):
    shared_place.clear()
    return shared_place
