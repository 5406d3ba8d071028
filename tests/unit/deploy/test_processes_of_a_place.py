"""What each kind of process is told where each is one of its own."""

import pytest

from deploy.render.processes import arguments_of, kinds_of
from services.run import build_parser
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN

HELD = {"api": "all", "worker": "consumers", "relay": "all", "job": "all", "courier": "all"}


@pytest.mark.parametrize("kind", HELD)
def test_each_kind_does_its_own_work_and_no_other(kind):
    """A worker that held all kinds of work would do the others' work twice."""
    options = build_parser().parse_args(arguments_of(kind, "example", drain_s=7))
    assert (options.kind, options.tenant, options.services, options.kinds) == (kind, "example", "all", HELD[kind])


def test_an_api_is_reached_from_outside_its_container_and_drains():
    """On every address of its own network, and for as long as it is told."""
    options = build_parser().parse_args(arguments_of("api", "example", drain_s=7))
    assert (options.host, options.port, options.drain_s) == ("0.0.0.0", 8080, 7)  # noqa: S104


def test_the_central_register_alone_has_no_courier():
    """It has nobody outside its vhost to talk to."""
    assert {t for t in ("example", BOARD, CUSTODIAN, CENTRE) if "courier" not in kinds_of(t)} == {CENTRE}
