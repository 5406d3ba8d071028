import stat
from concurrent.futures import ThreadPoolExecutor

from deploy.engines.secret_files import read_or_make_password


class TestReadOrMakePassword:
    def test_makes_it_once(self, tmp_path):
        """The same secret ever after, readable by its owner only."""
        path = tmp_path / "p"
        first = read_or_make_password(path)

        assert read_or_make_password(path) == first
        assert len(first) >= 32
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [entry.name for entry in tmp_path.iterdir()] == ["p"]

    def test_two_makers_at_once_agree(self, tmp_path):
        """Of two processes that start together neither is left with a password that was overwritten."""
        with ThreadPoolExecutor(8) as pool:
            made = set(pool.map(lambda _: read_or_make_password(tmp_path / "p"), range(8)))

        assert len(made) == 1
