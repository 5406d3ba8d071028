import pytest
from pymongo import MongoClient

from tests.kit.statistics_path import StatisticsPath


@pytest.fixture(scope="module")
def mongo(engines):
    with MongoClient(engines.mongod.admin_uri(), tz_aware=True) as client:
        yield client


@pytest.fixture
def path(mongo, tmp_path):
    made = StatisticsPath(mongo, tmp_path)
    yield made
    made.close()
