import pytest
from pymongo import MongoClient

from shared.bus.names import parking_queue
from shared.bus.provisioner import BrokerAdmin
from shared.kernel.tenancy import vhost_name
from tests.kit.board_place import BoardPlace
from tests.kit.host_place import HostPlace


@pytest.fixture(scope="module")
def host_place(engines, tmp_path_factory):
    """A host with identity and reporting."""
    place = HostPlace(engines, tmp_path_factory.mktemp("operated"))
    yield place
    place.close()


@pytest.fixture
def host(host_place, engines):
    """The host, where nothing waits: nobody relays here, so what earlier tests audited would grow old."""
    with MongoClient(engines.mongod.admin_uri()) as mongo:
        for context in host_place.contexts.values():
            mongo[context.database_name]["outbox"].delete_many({})
    broker = BrokerAdmin(engines.rabbit.management_url, *engines.rabbit.admin_credentials())
    try:
        broker.management.delete(f"queues/{vhost_name(host_place.tenant)}/{parking_queue('reporting')}/contents")
    finally:
        broker.close()
    return host_place


@pytest.fixture(scope="module")
def board(engines, tmp_path_factory):
    """The board, and the central register where its people sign in."""
    place = BoardPlace(engines, tmp_path_factory.mktemp("operated-board"))
    place.serve()
    yield place
    place.close()
