"""The size that others see is the smallest multiple of 4,096 that tells nothing."""

import pytest

from services.audit.tree.padding import BLOCK, is_padding, padded_size


@pytest.mark.parametrize(
    ("size", "before", "expected"),
    [
        (0, 0, 1),
        (1, 0, 1),
        (4096, 0, 1),
        (4097, 0, 2),
        (4096, 4096, 2),
        (8192, 4096, 2),
        (8193, 4096, 3),
        (5000, 4096, 2),
    ],
)
def test_the_smallest_multiple_above_yesterdays(size, before, expected):
    """As decisions say: strictly above, and everything fits."""
    assert padded_size(size, before) == expected * BLOCK


@pytest.mark.parametrize(
    ("leaf", "fills"),
    [
        (b'{"padding":"abcdefghijklmnopqrst-_"}', True),
        (b'{"padding":"abcdefghijklmnopqrst-_"}\n', False),
        (b'{"padding":"abcdefghijklmnopqrst-","x":1}', False),
        (b'{"action":"case:survivor:read"}', False),
        (b"", False),
    ],
)
def test_what_fills_is_told_by_its_form(leaf, fills):
    """No entry has it, for an entry says more."""
    assert is_padding(leaf) is fills
