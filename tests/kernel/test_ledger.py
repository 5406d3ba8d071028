"""The ledger checker finds what is planted."""

from tests.kit.ledger import check


class TestChecker:
    def test_finds_nothing_where_nothing_is_wrong(self):
        """Acknowledged, effective, audited: no finding."""
        assert not check(acknowledged=["a", "b"], effects=["a", "b"], audited=["a", "b"])

    def test_finds_a_planted_loss(self):
        """An acknowledged command without effect is lost."""
        assert check(acknowledged=["a", "b"], effects=["a"], audited=["a", "b"]).lost == {"b"}

    def test_finds_a_planted_duplicate(self):
        """An effect that stands twice is told."""
        assert check(acknowledged=["a"], effects=["a", "a"], audited=["a"]).twice == {"a"}

    def test_finds_a_planted_leak(self):
        """An id in another tenant's store is told."""
        assert check(acknowledged=["a"], effects=["a"], audited=["a"], foreign=["x a y"]).leaked == {"a"}

    def test_finds_what_was_never_asked_and_what_is_not_audited(self):
        """A state without command, and a command without audit, are told."""
        found = check(acknowledged=["a"], effects=["a", "b"], audited=[])
        assert (found.unasked, found.unaudited) == ({"b"}, {"a"})
