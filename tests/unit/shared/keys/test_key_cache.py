import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keys.key_cache import KeyCache


class Clock:
    now = 100.0

    def __call__(self):
        """Give the time that the test has set."""
        return self.now


class TestKeyCache:
    @pytest.mark.parametrize(("age", "lives"), [(0.0, True), (4.999, True), (5.0, False), (6.0, False)])
    def test_a_key_lives_five_seconds(self, age, lives):
        """An erasure counts on it: no process uses a key longer."""
        clock = Clock()
        cache = KeyCache(life_s=5, clock=clock)
        cache.keep({"s": b"k"}, read_at=clock.now)
        clock.now += age

        assert ("s" in cache.find(["s"])) is lives

    def test_use_does_not_lengthen_life(self):
        """A key asked for all the time dies on time."""
        clock = Clock()
        cache = KeyCache(life_s=5, clock=clock)
        cache.keep({"s": b"k"}, read_at=clock.now)
        for _ in range(101):
            clock.now += 0.05
            held = cache.find(["s"])

        assert held == {}

    def test_a_slow_read_counts_from_its_beginning(self):
        """A key whose reading took long may have been destroyed meanwhile."""
        clock = Clock()
        cache = KeyCache(life_s=5, clock=clock)
        clock.now += 7

        cache.keep({"s": b"k"}, read_at=clock.now - 7)

        assert cache.find(["s"]) == {}

    @given(
        steps=st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0, 3), st.floats(0, 8), st.booleans()), max_size=40)
    )
    def test_no_history_of_reads_outlives_five_seconds(self, steps):
        """Slow, overlapping and repeated reads: a key found was read less than 5 s ago."""
        clock = Clock()
        cache = KeyCache(life_s=5, clock=clock)
        newest = {}
        for id_, pause, duration, drop in steps:
            clock.now += pause
            if drop:
                cache.drop(id_)
                newest.pop(id_, None)
            else:
                cache.keep({id_: b"k"}, read_at=clock.now - duration)
                newest[id_] = clock.now - duration
            for found in cache.find("abcd"):
                assert clock.now - newest[found] < 5

    def test_expired_keys_leave_memory(self):
        """A timer empties an idle process."""
        clock = Clock()
        cache = KeyCache(life_s=5, clock=clock)
        cache.keep({"s": b"k"}, read_at=clock.now)
        clock.now += 5

        cache.drop_expired()

        assert cache._keys == {}
