"""Files in outline, as they are drawn: whose results, how they ended, dated when."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

PICK = st.integers(0, 63)
LEVELS = ("junior", "intermediate", "senior")
DIRECTIONS = ("大数据分析", "大数据处理")

SKETCH = st.tuples(
    st.sampled_from(LEVELS),
    st.sampled_from(["new", "new", "new", "new", "failed", "known"]),
    st.sampled_from([*[None] * 8, -5, 0, 10, 20, 31, 32]),
    st.integers(0, 1),
    PICK,
)
"""Level; a new person, one who failed, or one whom the register may know; days from today to the date of issue, or
``None``; direction; which known person."""

SKETCHES = st.lists(SKETCH, min_size=1, max_size=4, unique_by=lambda sketch: (sketch[1], sketch[4]))

CORRECTION = st.tuples(
    PICK,
    st.sampled_from(["name", "name", "name", "person", "person", "direction", "level", "nothing of ours"]),
)
"""Which number, and what about it was wrong."""

CORRECTIONS = st.lists(CORRECTION, min_size=1, max_size=2)


def pick(found: Sequence[T], place: int) -> T:
    """Return one of these, counted from the end, over and over."""
    return found[-1 - place % len(found)]
