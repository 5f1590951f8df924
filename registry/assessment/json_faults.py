"""Faults of a JSON form that are told alike wherever they stand: names it does not have, values as they were seen."""

from typing import Any

from registry.assessment.fault import FaultList
from registry.assessment.json_structure import Members, UnreadableNumber
from registry.shown_text import shown

MAX_UNKNOWN_NAMES = 20


def tell_names(
    members: Members, known: tuple[str, ...], place: int | None, faults: FaultList, *, within: str = ""
) -> None:
    """Note names that are given twice, and names that the form does not have."""
    for name in members.repeated[:MAX_UNKNOWN_NAMES]:
        faults.add(
            place,
            within + shown(name),
            "",
            code="repeated_field",
            message="同一字段出现两次",
            remedy="请只保留一个",
        )
    unknown = [name for name in members if name not in known]
    for name in unknown[:MAX_UNKNOWN_NAMES]:
        faults.add(
            place,
            within + shown(name),
            "",
            code="unknown_field",
            message="没有这个字段",
            remedy="请删去，或检查拼写",
        )


def is_whole(value: Any) -> bool:
    """Say whether this is a whole number; the truth is none, whatever Python says."""
    return isinstance(value, int) and not isinstance(value, bool)


def seen(value: Any) -> str:
    """Return a value as the body may recognise it."""
    if isinstance(value, str):
        return value
    if isinstance(value, UnreadableNumber):
        return value.text
    if isinstance(value, bool | int):
        return str(value).lower()
    return "" if value is None else f"（{'数组' if isinstance(value, list) else '对象'}）"
