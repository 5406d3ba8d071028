"""Fixtures of engines that a test may stop, break and restart without harming the shared pair."""

from collections.abc import Callable, Iterator

import pytest

from deploy.engines.layout import Layout
from deploy.engines.mongod import Mongod
from deploy.engines.rabbitmq import RabbitNode


@pytest.fixture(scope="module")
def own_layout(make_layout: Callable[[], Layout]) -> Layout:
    return make_layout()


@pytest.fixture(scope="module")
def started_mongod(own_layout: Layout) -> Iterator[Mongod]:
    node = Mongod(own_layout)
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture
def mongod(started_mongod: Mongod) -> Mongod:
    """A running node, whatever the test before left."""
    started_mongod.start()
    return started_mongod


@pytest.fixture(scope="module")
def started_rabbit(own_layout: Layout) -> Iterator[RabbitNode]:
    node = RabbitNode(own_layout)
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture
def rabbit(started_rabbit: RabbitNode) -> RabbitNode:
    """A running node, whatever the test before left."""
    started_rabbit.start()
    return started_rabbit
