"""How the work is getting on, in words: in English for operators' commands, in Chinese for the staff's pages.

One set of words for one output: who reads a line must not have to know two languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from registry.work.job import JOBS, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Names of the jobs, units of time by their seconds, the largest first, and the complaints as templates."""

    jobs: Mapping[Job, str]
    units: tuple[tuple[int, str], ...]
    old_copy: str
    held: str
    outdated: str
    no_worker: str
    never_worked: str
    never: str
    never_because: str
    failing: str
    silent: str
    left_behind: str
    waiting: str

    def duration(self, span: timedelta) -> str:
        """Say how long something lasted, in its largest unit; less than a second is none."""
        seconds = max(0, int(span.total_seconds()))
        size, unit = next(((size, unit) for size, unit in self.units if seconds >= size), self.units[-1])
        return f"{seconds // size} {unit}"


CHINESE: Final = Words(
    jobs=JOBS,
    units=((86400, "天"), (3600, "小时"), (60, "分钟"), (1, "秒")),
    old_copy="登记库止于登记序号 {last}，而 {witness} 已到 {known}：这是旧的副本，请用 certreg restore 恢复",
    held="编号已停止：{why}",
    outdated="本登记库是旧的副本，只能查看、暂停、撤销和停用密钥：{why}",
    no_worker="没有正在运行的 certreg work",
    never_worked="还没有运行过登记系统的后台工作：用 certreg work 启动，并由监管程序（如 systemd）保持运行",
    never="{job}：从未成功",
    never_because="{job}：从未成功（{failure}）",
    failing="{job}：连续失败 {failures} 次（{failure}）",
    silent="{job}：已有 {lasting}没有成功",
    left_behind="{job}：{left}",
    waiting="{job}：{count} 项等待，最早的已等 {lasting}",
)

ENGLISH: Final = Words(
    jobs={
        Job.DRAFTS: "drafts",
        Job.ID_CHECKS: "ID checks",
        Job.NUMBER: "numbering",
        Job.SIGN: "signing",
        Job.LOG: "public log",
        Job.RELEASE: "release",
        Job.CHAIN: "journal's chain",
        Job.PUBLISH: "status file",
        Job.FORGET: "forgetting of requests",
    },
    units=((86400, "d"), (3600, "h"), (60, "min"), (1, "s")),
    old_copy="the register ends at entry {last}, and {witness} knows entry {known}: this is an old copy; bring the "
    "register back with `certreg restore`",
    held="numbering is held: {why}",
    outdated="this register is an older copy of itself; it only reads, suspends, revokes and distrusts: {why}",
    no_worker="no `certreg work` is running",
    never_worked="no worker has run here yet: start `certreg work`, and let a supervisor keep it running",
    never="{job}: never succeeded",
    never_because="{job}: never succeeded ({failure})",
    failing="{job}: failed {failures} times in a row ({failure})",
    silent="{job}: no success for {lasting}",
    left_behind="{job}: {left}",
    waiting="{job}: {count} wait, the oldest for {lasting}",
)
