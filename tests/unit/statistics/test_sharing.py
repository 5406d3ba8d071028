"""Two halves that say nothing apart, add up exactly, and belong to one place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.keys import sharing
from shared.keys.sharing import AmbiguousContextError, WrongSeedError, WrongShareSizeError

CONTEXT = sharing.report_context(task_hash="a" * 64, period="2026", host="alder", report_id="r1")
SEED = bytes(range(32))
cells = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=60).map(lambda x: np.array(x, dtype=np.uint32))
seeds = st.binary(min_size=32, max_size=32)


class TestSplit:
    @given(cells, seeds)
    def test_halves_add_up_to_the_vector(self, vector, seed):
        """Whatever the vector, share plus stream is the vector mod 2**32."""
        share = sharing.split(vector, seed, CONTEXT)
        assert (sharing.combine(share, sharing.expand(seed, CONTEXT, vector.size)) == vector).all()

    @given(st.lists(st.tuples(cells.filter(lambda v: v.size >= 5).map(lambda v: v[:5]), seeds), min_size=1, max_size=6))
    def test_sums_of_halves_are_the_sum_of_vectors(self, reports):
        """Adding first and opening once gives the sum and nothing else."""
        shares = [sharing.split(vector, seed, CONTEXT) for vector, seed in reports]
        streams = [sharing.expand(seed, CONTEXT, 5) for _, seed in reports]
        total = sharing.combine(sharing.add_up(shares, 5), sharing.add_up(streams, 5))
        assert (total == np.sum([v for v, _ in reports], axis=0, dtype=np.uint32)).all()

    def test_a_share_looks_the_same_for_zeros_and_for_people(self):
        """Over many seeds a share's bytes are spread alike, whether the vector is zeros or not."""
        for vector in (np.zeros(20, dtype=np.uint32), np.full(20, 4_999, dtype=np.uint32)):
            shares = [sharing.to_bytes(sharing.split(vector, i.to_bytes(32), CONTEXT)) for i in range(400)]
            found = np.frombuffer(b"".join(shares), dtype=np.uint8)
            spread = np.bincount(found, minlength=256)
            # 32,000 bytes over 256 values: the chi-square statistic has mean 255 and a spread of about 23.
            statistic = float(((spread - spread.mean()) ** 2 / spread.mean()).sum())
            assert 140 < statistic < 380

    def test_the_stream_is_that_of_rfc_5869_and_aes_counter_mode(self):
        """The format is fixed: another build of the same version reads it (computed by hand with openssl's parts)."""
        from cryptography.hazmat.primitives import hashes, hmac
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        extract = hmac.HMAC(bytes(32), hashes.SHA256())
        extract.update(SEED)
        expand = hmac.HMAC(extract.finalize(), hashes.SHA256())
        expand.update(b"alongside/share/v1/" + CONTEXT + b"\x01")
        stream = Cipher(algorithms.AES256(expand.finalize()), modes.CTR(bytes(16))).encryptor().update(bytes(12))
        assert sharing.to_bytes(sharing.expand(SEED, CONTEXT, 3)) == stream


class TestContext:
    @pytest.mark.parametrize(
        "change", [{"task_hash": "b" * 64}, {"period": "2027"}, {"host": "birch"}, {"report_id": "r2"}]
    )
    def test_every_part_changes_the_stream(self, change):
        """The same seed in another task, period, host or report makes another stream."""
        parts = {"task_hash": "a" * 64, "period": "2026", "host": "alder", "report_id": "r1", **change}
        other = sharing.expand(SEED, sharing.report_context(**parts), 40)
        assert not (other == sharing.expand(SEED, CONTEXT, 40)).any()

    @pytest.mark.parametrize("value", ["", "a|b", "|"])
    @pytest.mark.parametrize("part", ["task_hash", "period", "host", "report_id"])
    def test_a_part_that_could_shift_is_refused(self, part, value):
        """Two places never share one context."""
        parts = {"task_hash": "a", "period": "p", "host": "h", "report_id": "r", part: value}
        with pytest.raises(AmbiguousContextError):
            sharing.report_context(**parts)

    def test_a_sums_context_is_no_reports(self):
        """What is sealed as a sum never opens as a report of any host."""
        assert sharing.sum_context(task_hash="a" * 64, period="2026") != CONTEXT


class TestRefusals:
    @pytest.mark.parametrize("length", [0, 31, 33])
    def test_a_seed_is_32_bytes(self, length):
        """A shorter or longer seed is refused, and the message does not repeat it."""
        with pytest.raises(WrongSeedError) as caught:
            sharing.expand(b"\xab" * length, CONTEXT, 4)
        assert "abab" not in str(caught.value)

    def test_unequal_lengths_are_refused(self):
        """Nothing is added up, and nothing is cut to fit."""
        short, long = np.zeros(3, dtype=np.uint32), np.zeros(4, dtype=np.uint32)
        for step in (lambda: sharing.add_up([short, long], 3), lambda: sharing.combine(long, short)):
            with pytest.raises(WrongShareSizeError):
                step()

    @given(st.integers(1, 50), st.integers(-5, 5))
    def test_bytes_of_another_size_are_refused(self, length, difference):
        """A share's bytes are exactly four a cell."""
        content = bytes(max(0, 4 * length + difference))
        if len(content) == 4 * length:
            assert sharing.from_bytes(content, length).size == length
        else:
            with pytest.raises(WrongShareSizeError):
                sharing.from_bytes(content, length)

    @given(cells)
    def test_bytes_round_trip(self, vector):
        """What is written little-endian is read back."""
        assert (sharing.from_bytes(sharing.to_bytes(vector), vector.size) == vector).all()


class TestCohortHash:
    def test_order_does_not_matter_and_everything_else_does(self):
        """Both servers name one cohort alike; one report more or less, or another task, is another name."""
        name = sharing.cohort_hash("t", ["b", "a"])
        assert name == sharing.cohort_hash("t", ["a", "b"])
        others = [sharing.cohort_hash(*other) for other in (("t", ["a"]), ("t", ["a", "b", "c"]), ("u", ["a", "b"]))]
        assert len({name, *others}) == 4
