import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.engines.errors import InvalidPortBaseError
from deploy.engines.layout import DEFAULT_PORT_BASE, PROJECT_ROOT, Layout


def ports_of(layout: Layout) -> set[int]:
    first, last = layout.rabbit_command_ports
    named = [
        layout.mongod_port,
        layout.amqp_port,
        layout.rabbit_management_port,
        layout.rabbit_distribution_port,
        layout.epmd_port,
        *range(first, last + 1),
        layout.board_api_port,
        layout.custodian_api_port,
        layout.identity_api_port,
        *(layout.tenant_api_port(number) for number in range(180)),
    ]
    assert len(named) == len(set(named))
    return set(named)


class TestPorts:
    def test_are_those_the_manual_names(self):
        """The numbers are a contract: people write them into tunnels and firewalls."""
        layout = Layout(home=Path("h"), port_base=27400)

        assert (layout.mongod_port, layout.amqp_port, layout.rabbit_management_port) == (27400, 27401, 27402)
        assert (layout.board_api_port, layout.custodian_api_port, layout.identity_api_port) == (27410, 27411, 27412)
        assert layout.tenant_api_port(0) == 27420

    @given(base=st.integers(1024, 65000))
    def test_of_two_stacks_200_apart_never_meet(self, base):
        """Two stacks share no port."""
        one, other = Layout(home=Path("h"), port_base=base), Layout(home=Path("h"), port_base=base + 200)

        assert ports_of(one).isdisjoint(ports_of(other))

    @given(base=st.integers(65336) | st.integers(max_value=1023))
    def test_out_of_range_are_refused(self, base):
        """A port base that leaves no room is refused when it is read, not when a port is bound."""
        with pytest.raises(InvalidPortBaseError, match="from 1024 to 65335"):
            Layout(home=Path("h"), port_base=base)

    @pytest.mark.parametrize("number", [-1, 180])
    def test_of_a_tenant_outside_the_range_are_refused(self, number):
        """A tenant's port never falls into another stack's range."""
        with pytest.raises(InvalidPortBaseError):
            Layout(home=Path("h"), port_base=27400).tenant_api_port(number)


class TestFromEnvironment:
    def test_defaults_to_a_folder_of_the_project(self):
        """Nothing set: everything stays inside the project."""
        assert Layout.from_environment({}) == Layout(home=PROJECT_ROOT / ".alongside", port_base=DEFAULT_PORT_BASE)

    def test_empty_means_unset(self):
        """An empty variable, as compose files leave behind, is no value."""
        assert Layout.from_environment({"ALONGSIDE_HOME": "", "ALONGSIDE_PORT_BASE": ""}) == Layout.from_environment({})

    @pytest.mark.parametrize("text", ["x", "-1", "1.5", "99999", "٢٧٤٠٠"])
    def test_refuses_what_is_no_port_base(self, text):
        """The message names the variable and the bounds."""
        with pytest.raises(InvalidPortBaseError, match="ALONGSIDE_PORT_BASE must be"):
            Layout.from_environment({"ALONGSIDE_PORT_BASE": text})

    def test_leads_a_child_to_the_same_stack(self, tmp_path):
        """What a process hands to its children reads back as itself."""
        layout = Layout(home=tmp_path, port_base=30000)

        assert Layout.from_environment(layout.as_environment()) == layout


class TestMakeDirs:
    def test_lets_nobody_else_read_the_secrets(self, tmp_path):
        """The secrets folder is 0700, also under a careless umask and when it existed before."""
        (tmp_path / "secrets").mkdir(mode=0o755)
        before = os.umask(0)
        try:
            Layout(home=tmp_path, port_base=30000).make_dirs()
        finally:
            os.umask(before)

        assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
