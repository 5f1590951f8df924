"""Scores as the register reads and settles them, and the counts that follow from them, made on this side too."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

ABSENT: Final = "absent"
PASS_MARK: Final = Decimal(60)
_SCORE: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")


def points(score: str) -> Decimal:
    """Return the points of a score. Raises ``ValueError`` for what is none, ``absent`` too."""
    if not _SCORE.fullmatch(score):
        raise ValueError("no score")
    return Decimal(score)


def settled_score(score: str) -> str:
    """Return a score as it is settled, as short as it goes; what is none stays what it is."""
    return f"{points(score).normalize():f}" if _SCORE.fullmatch(score) else score


def counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count as 考核有关情况统计表 does, from the scores alone. Raises ``ValueError`` for what is no score."""
    papers = [(row["theory"], row["practice"]) for row in rows]
    passed = [tuple(score != ABSENT and points(score) >= PASS_MARK for score in pair) for pair in papers]
    both = sum(all(pair) for pair in passed)
    return {
        "entered": len(papers),
        "absent_theory": sum(theory == ABSENT for theory, _ in papers),
        "absent_practice": sum(practice == ABSENT for _, practice in papers),
        "absent": sum(ABSENT in pair for pair in papers),
        "passed_theory": sum(theory for theory, _ in passed),
        "passed_practice": sum(practice for _, practice in passed),
        "passed": both,
        "failed": len(papers) - both,
    }
