"""One witness whose clock is wrong moves neither instant; one that does not say when moves nothing."""

import pytest

from signing.log.checkpoint import Checkpoint
from signing.log.note import Head
from signing.offline.witnessed import witnessed

CASES = [
    ([100], 1, (100, 100)),
    ([100, 101], 2, (100, 101)),
    ([100, 101, 102], 2, (101, 101)),
    ([1, 101, 102], 2, (101, 101)),
    ([100, 101, 10**9], 2, (101, 101)),
    ([100, 101, 102, 103], 3, (101, 102)),
    ([0, 100, 101], 2, (100, 101)),
    ([0, 100], 2, None),
    ([0, 0], 1, None),
    ([], 1, None),
]


@pytest.mark.parametrize(("times", "quorum", "meant"), CASES)
def test_a_quorum_decides(times, quorum, meant):
    by_name = {f"w{place}.example": at for place, at in enumerate(times)}

    assert witnessed(Checkpoint(Head("log.example", 0, bytes(32)), by_name, True, b""), quorum) == meant
