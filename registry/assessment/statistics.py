"""考核有关情况统计表 [N 四(六)3]: how many entered an exam, were absent, passed; what follows from it is worked out.

Who is *absent* missed at least one of the two papers; whoever sat both is *present*. *Failed* is everybody who entered
and did not pass, absent or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.assessment.errors import CellRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """People, counted. ``failed``, ``present`` and the rates are worked out of the others and kept nowhere."""

    entered: int
    absent_theory: int
    absent_practice: int
    absent: int
    passed_theory: int
    passed_practice: int
    passed: int

    @property
    def failed(self) -> int:
        """Who entered and did not pass, absent or not."""
        return self.entered - self.passed

    @property
    def present(self) -> int:
        """Who sat both papers."""
        return self.entered - self.absent

    @property
    def pass_rate_of_entered(self) -> int | None:
        """Passed of all who entered, in tenths of a percent; None if nobody did."""
        return _tenths_of_percent(self.passed, self.entered)

    @property
    def pass_rate_of_present(self) -> int | None:
        """Passed of those who sat both papers, in tenths of a percent; None if nobody did."""
        return _tenths_of_percent(self.passed, self.present)


# The counts as a body hands them in, in the order of the table, with their names there.
COUNTS: Final[Mapping[str, str]] = {
    "entered": "参加人数",
    "absent_theory": "理论缺考人数",
    "absent_practice": "专业能力缺考人数",
    "absent": "缺考人数",
    "passed_theory": "理论合格人数",
    "passed_practice": "专业能力合格人数",
    "passed": "合格人数",
    "failed": "不合格人数",
}


def counts_of(statistics: Statistics) -> dict[str, int]:
    """Return the counts by name, in the order of the table."""
    return {name: getattr(statistics, name) for name in COUNTS}


def require_counts(said: Mapping[str, int], statistics: Statistics) -> None:
    """Raise ``CellRefused``, naming each figure that differs, unless a body counted as we do."""
    counted = counts_of(statistics)
    wrong = [
        f"{label}为 {said[name]}，按各行成绩应为 {counted[name]}"
        for name, label in COUNTS.items()
        if said[name] != counted[name]
    ]
    if wrong:
        raise CellRefused(
            "wrong_statistics",
            f"统计与各行成绩不符：{'；'.join(wrong)}",
            "请核对成绩，改正统计，或不报统计由系统计算",
        )


def _tenths_of_percent(part: int, whole: int) -> int | None:
    # In whole numbers, half upwards: a float would make 12.25 % sometimes 122 and sometimes 123.
    return None if whole == 0 else (2000 * part + whole) // (2 * whole)
