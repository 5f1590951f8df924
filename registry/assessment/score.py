"""Scores: two papers of 100 points, one decimal; whoever has 60 in both passes (N 三(六))."""

import re

from registry.assessment.errors import CellRefused

FULL_MARKS = 1000
PASS_MARK = 600
_SCORE = re.compile(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]))?")


def tenths(text: str) -> int:
    """Return a score in tenths of a point, 0 to 1000; raise ``CellRefused`` for anything else."""
    match = _SCORE.fullmatch(text)
    if match is None:
        if re.fullmatch(r"[0-9]+\.[0-9]{2,}", text):
            raise CellRefused("too_many_decimals", "成绩最多一位小数", "请按评分规则进位到一位小数")
        raise CellRefused(
            "not_a_score", "成绩不是数字，或写法不规范", "请填写 0 到 100 的半角数字，最多一位小数，如 86.5"
        )
    score = int(match[1]) * 10 + int(match[2] or 0)
    if score > FULL_MARKS:
        raise CellRefused("score_out_of_range", "成绩超过 100 分", "请填写 0 到 100")
    return score


def passes(*, theory: int, practice: int) -> bool:
    """Say whether both papers reach 60; neither makes up for the other."""
    return theory >= PASS_MARK and practice >= PASS_MARK
