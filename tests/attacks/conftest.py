import pytest
from pymongo import MongoClient

from tests.kit.attacked_path import AttackedPath


@pytest.fixture(scope="module")
def mongo(engines):
    with MongoClient(engines.mongod.admin_uri(), tz_aware=True) as client:
        yield client


@pytest.fixture
def path(mongo, tmp_path, request):
    made = AttackedPath(mongo, tmp_path, real_proofs=request.node.get_closest_marker("real_proofs") is not None)
    yield made
    made.close()
