"""The kinds of work that a worker does, and what it needs to know of each.

A job is done in batches, each durable by itself, and yields after every one of them: between two batches a worker may
stop, and nothing is half done. What there is to do is asked of the register's state each time, never of a list.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Job(StrEnum):
    """One kind of work, in the order of a round."""

    DRAFTS = "drafts"
    ID_CHECKS = "id_checks"
    NUMBER = "number"
    SIGN = "sign"
    LOG = "log"
    RELEASE = "release"
    CHAIN = "chain"
    PUBLISH = "publish"
    FORGET = "forget"


JOBS: dict[Job, str] = {
    Job.DRAFTS: "报送草稿",
    Job.ID_CHECKS: "证件校验值",
    Job.NUMBER: "编号",
    Job.SIGN: "签名",
    Job.LOG: "公开日志",
    Job.RELEASE: "发布",
    Job.CHAIN: "日志链",
    Job.PUBLISH: "状态文件",
    Job.FORGET: "清理请求记录",
}
"""The jobs in Chinese, as commands and pages name them."""


def nothing_left() -> list[str]:
    """Return what a job left behind that can leave nothing behind."""
    return []


def nothing_held() -> None:
    """End a job that holds nothing from turn to turn."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job as one worker does it.

    ``batches`` does one turn of it and yields after each batch how much that was; a turn ends, so that the other jobs
    have theirs. ``left_behind`` tells, in words without any person in them, what the last turn could not do and an
    operator must see to; such a thing keeps nothing else waiting. ``end`` lets go of what it holds from turn to turn,
    when the worker ends in good order: whatever is held on to then looks like a death.
    """

    job: Job
    batches: Callable[[], Iterator[int]]
    left_behind: Callable[[], list[str]] = nothing_left
    end: Callable[[], None] = nothing_held
