"""What a JSON form may say beside exam and rows: the body's counts, the draft it was settled from, what it replaces."""

import re
from collections.abc import Mapping
from uuid import UUID

from registry.assessment.fault import FaultList
from registry.assessment.json_faults import is_whole, seen, tell_names
from registry.assessment.json_structure import Members
from registry.assessment.statistics import COUNTS

STATISTICS, DRAFT, REPLACES = "statistics", "draft", "replaces"
_NAMED = {DRAFT: "报送草稿", REPLACES: "报送"}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def claimed_counts(document: Members, faults: FaultList) -> Mapping[str, int] | None:
    """Return the body's own counts; None if there are none, or not all of them can be read, which is told."""
    counts = document.get(STATISTICS)
    if counts is None or STATISTICS in document.repeated:
        return None
    if not isinstance(counts, Members):
        faults.add(
            None, STATISTICS, seen(counts), code="not_an_object",
            message="统计不是 JSON 对象", remedy="请按接口说明填写各项人数，或不报统计",
        )  # fmt: skip
        return None
    tell_names(counts, tuple(COUNTS), None, faults, within=f"{STATISTICS}.")
    unread = [name for name in COUNTS if not is_whole(counts.get(name))]
    for name in unread:
        code, message = ("wrong_type", "应为整数") if name in counts else ("missing", "没有填写")
        faults.add(
            None, f"{STATISTICS}.{name}", seen(counts.get(name)), code=code,
            message=message, remedy="请填写不带引号的人数",
        )  # fmt: skip
    return None if unread else {name: counts[name] for name in COUNTS}


def named(member: str, document: Members, faults: FaultList) -> UUID | None:
    """Return the draft, or the submission, that a member names; None if it names none, or not one, which is told."""
    text = document.get(member)
    if text is None or member in document.repeated:
        return None
    if isinstance(text, str) and _UUID.fullmatch(text):
        return UUID(text)
    faults.add(
        None, member, seen(text), code="not_a_uuid",
        message=f"不是{_NAMED[member]}的编号", remedy=f"请填写系统给出的{_NAMED[member]}编号，或删去此项",
    )  # fmt: skip
    return None
