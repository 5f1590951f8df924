"""``certreg-client key``: making keys, and the administrator's list of them."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import click

from registry.client.command.desk import Desk, ask_passphrase, json_option
from registry.client.command.shown import SHANGHAI, table
from registry.client.command.usage import ExistingFile
from registry.client.door import Document
from registry.client.errors import WrongUse
from registry.client.key_files import SEALED, make_key, open_key, public_path
from registry.client.keys import PURPOSES

YEARS = 3
PURPOSE_NAMES = {"access": "访问", "submission": "报送", "administration": "管理"}


@click.group()
def key() -> None:
    """生成密钥；登记、查看、吊销本机构的密钥（后三项用管理密钥）。"""


@key.command("new")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def key_new(desk: Desk, file: Path) -> None:
    """生成 Ed25519 密钥文件 FILE：以 .age 结尾的用口令保护，以 .pem 结尾的不加口令（仅本人可读）。

    报送密钥和管理密钥请用 .age；无人值守的程序用的访问密钥才用 .pem。公钥写在同名的 .pub.pem 文件中。
    """
    passphrase = None
    if file.suffix == SEALED:
        passphrase = click.prompt("新口令", hide_input=True, confirmation_prompt="再输入一次", err=True)
    made = make_key(file, passphrase, now=desk.now())
    public = public_path(file)
    document = {"key_id": made.key_id.hex(), "public_key": made.public.hex(), "file": str(file)}
    desk.tell(
        document,
        [
            f"密钥编号  {made.key_id.hex()}",
            f"公钥      {made.public.hex()}",
            f"私钥文件  {file}（请妥善保管，不要发给任何人）",
            f"公钥文件  {public}",
        ],
    )


@key.command("list")
@json_option
@click.pass_obj
def key_list(desk: Desk) -> None:
    """列出本机构的密钥。"""
    found = desk.client_as("administration").keys.all()
    today = desk.now().astimezone(SHANGHAI).date().isoformat()
    rows = [
        (
            each.get("key_id"),
            PURPOSE_NAMES.get(str(each.get("purpose")), each.get("purpose")),
            each.get("valid_from_on"),
            each.get("valid_to_on"),
            _state(each, today),
            each.get("account"),
        )
        for each in found
    ]
    desk.tell({"keys": found}, table(("密钥编号", "用途", "起", "止", "状态", "账户"), rows))


@key.command("register")
@click.argument("file", type=ExistingFile())
@click.option("--purpose", type=click.Choice(PURPOSES), required=True, help="access 访问，submission 报送。")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="起始日期，默认今天。")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="截止日期，默认三年。")
@click.option("--account", type=click.UUID, help="账户编号；机构有多个此类账户时填写。")
@json_option
@click.pass_obj
def key_register(
    desk: Desk,
    file: Path,
    purpose: str,
    first: datetime | None,
    last: datetime | None,
    account: UUID | None,
) -> None:
    """登记 FILE 中的密钥；私钥只在本机用来证明持有，不会发送。"""
    new = open_key(file, ask_passphrase)
    first_on = desk.now().astimezone(SHANGHAI).date() if first is None else first.date()
    last_on = _years_later(first_on) if last is None else last.date()
    if last_on < first_on:
        raise WrongUse("截止日期早于起始日期")
    keys = desk.client_as("administration").keys
    done = keys.register(new, purpose, first_on=first_on, last_on=last_on, account_id=account)
    desk.tell(done, [f"已登记{PURPOSE_NAMES[purpose]}密钥 {new.key_id.hex()}，{first_on} 至 {last_on}"])


@key.command("revoke")
@click.argument("key_id")
@click.option("--confirm-last", is_flag=True, help="吊销最后一把管理密钥时须加此选项。")
@click.option("--yes", is_flag=True, help="不再询问。")
@json_option
@click.pass_obj
def key_revoke(desk: Desk, key_id: str, confirm_last: bool, yes: bool) -> None:
    """吊销密钥 KEY_ID，立即生效，不能恢复。"""
    if not yes:
        click.confirm(f"吊销密钥 {key_id}，不能恢复。确定吗？", abort=True, err=True)
    desk.client_as("administration").keys.revoke(key_id, confirm_last=confirm_last)
    desk.tell({"key_id": key_id, "revoked": True}, [f"已吊销密钥 {key_id}"])


def _state(each: Document, today: str) -> str:
    """Return whether a key counts on a day (``2026-10-11``), as the register judges it."""
    if each.get("revoked_at"):
        return "已吊销"
    if today < str(each.get("valid_from_on")):
        return "尚未生效"
    return "已过期" if today > str(each.get("valid_to_on")) else "有效"


def _years_later(day: date) -> date:
    return day.replace(year=day.year + YEARS, day=min(day.day, 28))
