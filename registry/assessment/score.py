"""Scores: two papers of 100 points, one decimal; whoever has 60 in both passes (N 三(六)).

Who was absent from a paper (缺考) has 0 in it and did not pass; that he was absent is kept beside the score.
"""

import re
from dataclasses import dataclass

from registry.assessment.errors import CellRefused

ABSENT = "absent"
FULL_MARKS = 1000
PASS_MARK = 600
_SCORE = re.compile(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]))?")


@dataclass(frozen=True, slots=True)
class Paper:
    """What somebody has in one paper: tenths of a point, 0 if ``absent``."""

    tenths: int
    absent: bool = False


def paper(text: str) -> Paper:
    """Return what a cell says of a paper; raise ``CellRefused`` for what is neither a score nor ``absent``."""
    return Paper(0, absent=True) if text == ABSENT else Paper(tenths(text))


def written(score: Paper) -> str:
    """Return the shortest text that ``paper`` reads as this: 86.5, 70, absent."""
    if score.absent:
        return ABSENT
    points, tenth = divmod(score.tenths, 10)
    return f"{points}.{tenth}" if tenth else str(points)


def tenths(text: str) -> int:
    """Return a score in tenths of a point, 0 to 1000; raise ``CellRefused`` for anything else."""
    match = _SCORE.fullmatch(text)
    if match is None:
        if re.fullmatch(r"[0-9]+\.[0-9]{2,}", text):
            raise CellRefused("too_many_decimals", "成绩最多一位小数", "请按评分规则进位到一位小数")
        raise CellRefused(
            "not_a_score",
            "成绩不是数字，或写法不规范",
            f"请填写 0 到 100 的半角数字，最多一位小数，如 86.5；缺考填写“缺考”（接口填写 {ABSENT}）",
        )
    score = int(match[1]) * 10 + int(match[2] or 0)
    if score > FULL_MARKS:
        raise CellRefused("score_out_of_range", "成绩超过 100 分", "请填写 0 到 100")
    return score


def passes(*, theory: int, practice: int) -> bool:
    """Say whether both papers reach 60; neither makes up for the other."""
    return theory >= PASS_MARK and practice >= PASS_MARK
