"""The signature: what will be signed is shown, the clerk asked, the submission key used; and all in one command."""

from pathlib import Path
from uuid import UUID

import click

from registry.client.base64url import decode_base64url, encode_base64url
from registry.client.command.desk import Desk, json_option
from registry.client.command.draft_commands import FILE, NEW_FILE, checked, report, waited
from registry.client.command.private_files import write_private
from registry.client.command.shown import STATUS, plain, statistics_lines
from registry.client.drafts import Draft, can_be_compared
from registry.client.errors import AnswerUnusable, NotSubmitted, SettledDiffers, WrongUse
from registry.client.settled import Settled, read_settled

OFFLINE = "这台机器上没有成绩文件"


@click.command()
@click.argument("draft", type=click.UUID)
@click.option("--signature", type=FILE, help="用 sign-file 在另一台机器上做好的签名。")
@click.option("--yes", is_flag=True, help="不再询问。")
@json_option
@click.pass_obj
def sign(desk: Desk, draft: UUID, signature: Path | None, yes: bool) -> None:
    """用报送密钥对草稿 DRAFT 的待签内容签名并报送。先显示统计和将要签名的内容。"""
    state = desk.client.drafts.state(draft)
    if signature is not None:
        desk.client.drafts.hand_in_signature(draft, _read_signature(signature))
        submitted(desk, waited(desk, draft))
        return
    signed_and_submitted(desk, state, None, yes=yes)


@click.command()
@click.argument("file", type=FILE)
@click.option("--photos", type=FILE, help="照片压缩包（.zip）。")
@click.option("--replaces", type=click.UUID, help="要取代的报送的编号。")
@click.option("--yes", is_flag=True, help="不再询问，直接签名。")
@json_option
@click.pass_obj
def submit(desk: Desk, file: Path, photos: Path | None, replaces: UUID | None, yes: bool) -> None:
    """一次做完：提交成绩文件 FILE 与照片，检查，签名，报送。"""
    draft = checked(desk, file, photos, replaces)
    if draft.status == "faulty":
        report(desk, draft, beside=file)
    signed_and_submitted(desk, draft, file, replaces=replaces, yes=yes)


@click.command()
@click.argument("draft", type=click.UUID)
@click.argument("file", type=NEW_FILE)
@json_option
@click.pass_obj
def settled(desk: Desk, draft: UUID, file: Path) -> None:
    """把草稿 DRAFT 的待签内容存为 FILE，带到保管报送密钥的机器上用 sign-file 签名。"""
    found = desk.client.settled(desk.client.drafts.state(draft))
    write_private(file, found.content)
    desk.tell({"file": str(file), "sha256": found.sha256}, [f"待签内容：{file}", f"SHA-256：{found.sha256}"])


@click.command("sign-file")
@click.argument("file", type=FILE)
@click.argument("signature", type=NEW_FILE)
@click.option("--yes", is_flag=True, help="不再询问。")
@json_option
@click.pass_obj
def sign_file(desk: Desk, file: Path, signature: Path, yes: bool) -> None:
    """离线签名：对待签内容 FILE 签名，写入 SIGNATURE；不连接登记系统。"""
    found = _read_content(file)
    _ask(found, OFFLINE, yes=yes)
    signed = desk.key("submission").sign_submission(found.claim, environment=desk.settings.environment)
    write_private(signature, encode_base64url(signed).encode() + b"\n")
    desk.tell({"file": str(signature)}, [f"签名：{signature}（用 sign {found.draft_id} --signature 交回）"])


def signed_and_submitted(
    desk: Desk, draft: Draft, file: Path | None, *, replaces: UUID | None = None, yes: bool
) -> None:
    """Show what will be signed, ask, sign, and wait until it is handed in; of one that is, tell the receipt again."""
    if draft.status == "ready":
        why_not = _why_not_compared(file)
        found = _settled_as_handed_in(desk, draft, file, replaces)
        _ask(found, why_not, yes=yes)
        draft = desk.client.drafts.sign(found, desk.key("submission"))
        submitted(desk, waited(desk, draft.id), compared_with_file=why_not is None)
        return
    submitted(desk, waited(desk, draft.id))


def _settled_as_handed_in(desk: Desk, draft: Draft, file: Path | None, replaces: UUID | None) -> Settled:
    """Return what will be signed, held against the file if one is given; say what to do if rows were changed since.

    Whoever has the access key can open the same file first and change its rows: no revision excuses a difference.
    """
    try:
        return desk.client.settled(draft, file, replaces=replaces)
    except SettledDiffers:
        if file is not None and draft.revision > 1:
            desk.note(
                f"草稿 {draft.id} 在提交文件之后改过（第 {draft.revision} 版）：是本机构改的，先用 preview 核对，"
                "再用 sign 签名；不是的，请用 discard 丢弃"
            )
        raise


def _why_not_compared(file: Path | None) -> str | None:
    """Return why the settled content is not held against the file, row by row; ``None`` if it is."""
    if file is None:
        return "没有给出成绩文件"
    return None if can_be_compared(file) else f"本程序不能读取 {file.suffix} 文件"


def submitted(desk: Desk, draft: Draft, **more: bool) -> None:
    """Tell the receipt, or why there is none; ``more`` goes to programs with it."""
    if draft.status == "faulty":
        report(desk, draft, beside=Path(f"draft-{draft.id}"))
    if draft.status != "submitted":
        raise NotSubmitted(draft.id, STATUS.get(draft.status, draft.status), draft.failure)
    following = f"查看进度：certreg-client status {draft.submission_id}"
    desk.tell({**draft.document, **more}, [f"已报送，编号 {draft.submission_id}", following])


def _ask(found: Settled, why_not_compared: str | None, *, yes: bool) -> None:
    """Show what was counted here; say whether it was held against the file, and ask: to a program's user too."""
    document = found.document
    lines = [
        "将要签名的内容：",
        f"  机构 {document['issuer']}，考点 {document.get('province')}-{document.get('site')}，"
        f"考核 {document.get('exam_started_on')} 至 {document.get('exam_ended_on')}",
        f"  {len(found.rows)} 行，{found.photos} 张照片",
        *([f"  取代并撤回报送 {found.replaces}"] if found.replaces else []),
        *statistics_lines(found.statistics),
        f"  SHA-256：{found.sha256}",
        "已与成绩文件逐行、逐项核对，一致。"
        if why_not_compared is None
        else f"注意：没有与成绩文件逐行核对（{why_not_compared}）；请核对以上统计，并在预览页上逐人核对。",
    ]
    for line in lines:
        click.echo(plain(line), err=True)
    if not yes:
        click.confirm("机构对以上内容的真实性负责。签名并报送吗？", abort=True, err=True)


def _read_content(path: Path) -> Settled:
    try:
        return read_settled(_read(path))
    except AnswerUnusable:
        raise WrongUse(f"{path} 不是 settled 存下的待签内容") from None


def _read_signature(path: Path) -> bytes:
    try:
        return decode_base64url(_read(path).decode("ascii").strip())
    except ValueError:
        raise WrongUse(f"{path} 不是 sign-file 写的签名") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise WrongUse(f"{path} 无法读取：{fault.strerror}") from None


signing_commands = (sign, submit, settled, sign_file)
