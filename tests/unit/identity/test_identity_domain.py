"""Roles, and the duties that one person may not join."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.people.errors import SeparatedDutiesError, UnknownRoleError
from services.identity.people.rules import CENTRE_ROLES, HOST_ROLES, SEPARATED, Membership, RolePolicy

HOST, CENTRE, DEMO = (RolePolicy(centre=c, demo=d) for c, d in ((False, False), (True, False), (False, True)))


def held(*roles):
    return [Membership(organisation_id=f"o-{n}", role=role) for n, role in enumerate(roles)]


# Written out, so that a pair that falls out of the code's own list is missed.
PAIRS = [
    {"STATISTICIAN", "RELEASE_APPROVER"}, {"STATISTICIAN", "DATA_GUARDIAN"}, {"HOST_DATA_LEAD", "HOST_ADMIN"},
    {"HOST_DATA_LEAD", "BOARD_MEMBER"}, {"HOST_DATA_LEAD", "STATISTICIAN"},
]  # fmt: skip


class TestRolePolicy:
    def test_these_duties_guard_each_other_and_no_others(self):
        """Signing and approving, counting and taking out, a host's figures and who gives its roles or reads them."""
        every = sorted({*CENTRE_ROLES, *HOST_ROLES})
        refused = []
        for n, one in enumerate(every):
            for other in every[n + 1 :]:
                try:
                    CENTRE.check(held(one, other))
                except SeparatedDutiesError:
                    refused.append({one, other})
        assert sorted(map(sorted, refused)) == sorted(map(sorted, PAIRS))

    @pytest.mark.parametrize("pair", SEPARATED)
    def test_a_separated_pair_is_refused_outside_a_demo(self, pair):
        """In whatever order and organisations; the error names both."""
        for roles in (pair, pair[::-1]):
            with pytest.raises(SeparatedDutiesError) as caught:
                CENTRE.check(held(*roles))
            assert caught.value.roles == pair

    def test_not_even_a_demo_joins_both_signatures(self):
        """Statistician and approver sign one release; the second person is always another."""
        for roles in (("STATISTICIAN", "RELEASE_APPROVER"), ("RELEASE_APPROVER", "IMSA", "STATISTICIAN")):
            with pytest.raises(SeparatedDutiesError, match="each guards the other"):
                DEMO.check(held(*roles))

    @pytest.mark.parametrize("pair", [p for p in SEPARATED if p != ("STATISTICIAN", "RELEASE_APPROVER")])
    def test_a_demo_allows_it_and_marks_the_user(self, pair):
        """The mark is what the banner is about."""
        assert DEMO.check(held(*pair)) is True
        assert DEMO.check(held(pair[0])) is False

    @given(roles=st.sets(st.sampled_from(CENTRE_ROLES + HOST_ROLES), min_size=1))
    def test_what_is_allowed_holds_no_separated_pair(self, roles):
        """However many roles are given at once."""
        try:
            assert CENTRE.check(held(*roles)) is False
        except SeparatedDutiesError:
            assert any(set(pair) <= roles for pair in SEPARATED)
        else:
            assert not any(set(pair) <= roles for pair in SEPARATED)

    @pytest.mark.parametrize("roles", [(), ("KING",), ("BOARD_MEMBER",), ("IMSA", "STATISTICIAN")])
    def test_a_host_gives_its_own_roles_only(self, roles):
        """The board's people are registered at the centre."""
        with pytest.raises(UnknownRoleError):
            HOST.check(held(*roles))
