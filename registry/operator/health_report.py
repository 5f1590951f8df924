"""How the work is getting on, as ``certreg health`` writes it: for a person, and as JSON for a program."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from registry.civil_time import SHANGHAI
from registry.work.health import Health, duration
from registry.work.job import JOBS


def as_lines(health: Health, complaints: Sequence[str], why_not: str | None) -> Iterator[str]:
    """Yield the report for a person; ``why_not`` is why the signer could not be asked, ``None`` if it was."""
    yield f"{_local(health.at)}  {_verdict(complaints, why_not)}"
    waiting = {each.job: each for each in health.backlog}
    for line in health.jobs:
        success = (
            "从未成功" if line.last_success_at is None else f"最近成功 {_ago(health, line.last_success_at)}"
        )
        parts = [f"  {JOBS[line.job]}：{success}"]
        if each := waiting.get(line.job):
            since = "" if each.oldest_at is None else f"，最早的已等 {duration(health.at - each.oldest_at)}"
            parts.append(f"等待 {each.count} 项{since}")
        if line.last_failure_at is not None:
            parts.append(f"最近失败 {_ago(health, line.last_failure_at)}（{line.failure}）")
        yield "；".join(parts)
    for worker in health.workers:
        state = "已停止" if worker.stopped_at is not None else f"最近在线 {_ago(health, worker.seen_at)}"
        yield f"  {worker.name}：{state}，启动于 {_local(worker.started_at)}"
    yield f"  最后一个登记序号 {health.last_entry}"
    for complaint in complaints:
        yield f"须处理：{complaint}"
    if why_not is not None:
        yield f"未能核对签名日志：{why_not}"


def as_document(
    health: Health, complaints: Sequence[str], known_entries: Mapping[str, int] | None, why_not: str | None
) -> dict[str, Any]:
    """Return the report as JSON's values: instants in ISO 8601 (UTC), ``null`` for what never was.

    ``healthy`` is ``null`` if nothing is wrong as far as could be seen, but the signer could not be asked.
    """
    return {
        "healthy": None if why_not is not None and not complaints else not complaints,
        "at": _iso(health.at),
        "complaints": list(complaints),
        "jobs": {
            line.job.value: {
                "last_success_at": _iso(line.last_success_at),
                "last_failure_at": _iso(line.last_failure_at),
                "failures": line.failures,
                "failure": line.failure,
            }
            for line in health.jobs
        },
        "backlog": {
            each.job.value: {"count": each.count, "oldest_at": _iso(each.oldest_at)}
            for each in health.backlog
        },
        "workers": [
            {
                "name": worker.name,
                "started_at": _iso(worker.started_at),
                "seen_at": _iso(worker.seen_at),
                "stopped_at": _iso(worker.stopped_at),
                "doing": worker.doing,
            }
            for worker in health.workers
        ],
        "last_entry": health.last_entry,
        "held_because": health.held_because,
        "known_entries": None if known_entries is None else dict(known_entries),
        "signer_not_asked": why_not,
    }


def _verdict(complaints: Sequence[str], why_not: str | None) -> str:
    if complaints:
        return f"须处理 {len(complaints)} 项"
    return "运行正常" if why_not is None else "未见异常，但未能核对签名日志"


def _ago(health: Health, instant: datetime) -> str:
    return f"{duration(health.at - instant)}前"


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
