"""What was handed in: where it stands, what happened since, and taking it back."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import click

from keys.durable_files import OWNER_ONLY, replace
from registry.client.command.desk import Desk, json_option
from registry.client.command.shown import (
    STEP,
    SUBMISSION_STATUS,
    draft_line,
    fault_table,
    instant,
    named,
    plain,
    statistics_lines,
    table,
)
from registry.client.door import Document
from registry.client.drafts import Draft
from registry.client.errors import Refused, WrongUse

PROGRESS = {
    "rows": "行",
    "id_checked": "已核身份",
    "reviewed": "已审",
    "returned": "退回",
    "numbered": "已编号",
    "signed": "已签发",
    "logged": "已入日志",
    "released": "已发布",
    "void": "作废",
}
ENDED = ("submitted", "discarded")
NOT_FOUND = 404


@click.command()
@click.argument("identifier", type=click.UUID, required=False)
@json_option
@click.pass_obj
def status(desk: Desk, identifier: UUID | None) -> None:
    """查看一份报送或草稿（IDENTIFIER）的进度；不写编号时列出全部报送与未完的草稿。"""
    if identifier is None:
        _everything(desk)
        return
    try:
        found = desk.client.submissions.state(identifier)
    except Refused as refused:
        if refused.status != NOT_FOUND:
            raise
        draft = desk.client.drafts.state(identifier)
        counts = statistics_lines(draft.statistics) if draft.statistics else []
        faults = list(desk.client.drafts.faults(identifier)) if draft.status == "faulty" else []
        desk.tell(
            {**draft.document, "found": faults},
            [draft_line(draft), *counts, *(fault_table(faults) if faults else [])],
        )
        return
    decisions = desk.client.submissions.decisions(identifier)
    desk.tell({**found, "decisions": decisions}, _submission(found, decisions))


@click.command()
@click.option("--follow", is_flag=True, help="不断等待新的变更，直到按 Ctrl-C。")
@click.option(
    "--every", default=30, show_default=True, type=click.IntRange(1), help="等待时每隔多少秒查看一次。"
)
@click.option(
    "--cursor-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="记住看到哪里的文件；下次从那里继续。",
)
@json_option
@click.pass_obj
def changes(desk: Desk, follow: bool, every: int, cursor_file: Path | None) -> None:
    """列出本机构的报送、证书、申请发生了什么；--json 时每行一项。"""
    with suppress(KeyboardInterrupt):
        _tell_changes(desk, cursor_file, every if follow else None)


@click.command()
@click.argument("submission", type=click.UUID)
@click.option("--reason", required=True, help="撤回的原因（不要写姓名等个人信息）。")
@click.option("--yes", is_flag=True, help="不再询问。")
@json_option
@click.pass_obj
def withdraw(desk: Desk, submission: UUID, reason: str, yes: bool) -> None:
    """撤回尚未审核的报送 SUBMISSION；同一文件不能再次报送。"""
    if not yes:
        click.confirm(f"撤回报送 {submission}，不能恢复。确定吗？", abort=True, err=True)
    done = desk.client.submissions.withdraw(submission, reason)
    desk.tell(done, [f"已撤回报送 {submission}"])


def _tell_changes(desk: Desk, cursor_file: Path | None, every: int | None) -> None:
    """Tell what happened, to the present end; then again every so many seconds, unless that is ``None``."""
    cursor = _kept(cursor_file)
    while True:
        for page in desk.client.changes.since(cursor):
            for item in page.items:
                desk.tell(item, [_change(item)])
            cursor = page.cursor
            # Only what was told is behind us: killed before this line, the same is told again.
            if cursor_file is not None:
                _keep(cursor_file, cursor)
        if every is None:
            return
        desk.client.transport.sleep(every)


def _everything(desk: Desk) -> None:
    drafts = [draft for draft in desk.client.drafts.all() if draft.status not in ENDED]
    submissions = list(desk.client.submissions.all())
    document = {"drafts": [draft.document for draft in drafts], "submissions": submissions}
    desk.tell(document, _listed(drafts, submissions))


def _listed(drafts: list[Draft], submissions: list[Document]) -> Iterator[str]:
    yield from map(draft_line, drafts)
    headings = ("报送", "状态", "考核结束", "收到", "应报送至")
    members = ("id", "status", "exam_ended_on", "received_at", "submit_by")
    if submissions:
        rows = [
            {
                **each,
                "status": named(SUBMISSION_STATUS, each.get("status")),
                "received_at": instant(each.get("received_at")),
            }
            for each in submissions
        ]
        yield from table(headings, [[row.get(member) for member in members] for row in rows])
    elif not drafts:
        yield "没有报送，也没有草稿"


def _submission(found: Document, decisions: list[Document]) -> Iterator[str]:
    submission, progress = found.get("submission") or {}, found.get("progress") or {}
    yield f"报送 {plain(submission.get('id'))}：{named(SUBMISSION_STATUS, submission.get('status'))}"
    yield "  " + "，".join(f"{name} {plain(progress.get(member))}" for member, name in PROGRESS.items())
    for decision in decisions:
        yield f"  {named(STEP, decision.get('step'))}：通过 {plain(decision.get('confirmed'))}"
        for row in decision.get("returned") or ():
            yield f"    退回第 {plain(row.get('row'))} 行：{plain(row.get('reason'))}"


def _change(item: Document) -> str:
    subject = item.get("number") or item.get("submission_id") or item.get("request_id") or ""
    what = (instant(item.get("at")), plain(item.get("kind")), plain(subject), plain(item.get("status")))
    return "  ".join(what).rstrip()


def _kept(cursor_file: Path | None) -> str | None:
    if cursor_file is None:
        return None
    try:
        return cursor_file.read_text("ascii").strip() or None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise WrongUse(f"{cursor_file} 不是 changes 写的文件") from None
    except OSError as fault:
        raise WrongUse(f"{cursor_file} 无法读取：{fault.strerror}") from None


def _keep(cursor_file: Path, cursor: str) -> None:
    try:
        replace(cursor_file, f"{cursor}\n".encode(), mode=OWNER_ONLY)
    except OSError as fault:
        raise WrongUse(f"{cursor_file} 无法写入：{fault.strerror}") from None


status_commands = (status, changes, withdraw)
