"""``certreg-client request``: what is asked of a certificate, and what became of it."""

from uuid import UUID

import click

from registry.client.command.desk import Desk, json_option
from registry.client.command.shown import REQUEST_STATUS, named, table
from registry.client.requests import KINDS

KIND_NAMES = dict(zip(KINDS, ("撤销", "暂停", "恢复", "更正"), strict=True))


@click.group()
def request() -> None:
    """申请撤销、暂停、恢复、更正证书；由登记机构决定。"""


def _asking(kind: str, what: str) -> click.Command:
    @click.command(kind, help=f"申请{what}编号为 NUMBER 的证书。")
    @click.argument("number")
    @click.option("--reason", required=True, help="原因（不要写姓名等个人信息，会以明文保存）。")
    @json_option
    @click.pass_obj
    def ask(desk: Desk, number: str, reason: str) -> None:
        made = desk.client.requests.ask(number, kind, reason)
        desk.tell(made, [f"已申请{what}证书 {number}，申请编号 {made.get('id')}"])

    return ask


for each in KINDS:
    request.add_command(_asking(each, KIND_NAMES[each]))


@request.command("list")
@json_option
@click.pass_obj
def request_list(desk: Desk) -> None:
    """列出本机构的申请与答复。"""
    found = list(desk.client.requests.all())
    rows = [
        (
            each.get("id"),
            each.get("number"),
            named(KIND_NAMES, each.get("kind")),
            named(REQUEST_STATUS, each.get("status")),
            each.get("answer"),
        )
        for each in found
    ]
    desk.tell({"items": found}, table(("申请", "证书编号", "种类", "状态", "答复"), rows))


@request.command("withdraw")
@click.argument("identifier", type=click.UUID)
@json_option
@click.pass_obj
def request_withdraw(desk: Desk, identifier: UUID) -> None:
    """收回尚未决定的申请 IDENTIFIER。"""
    desk.tell(desk.client.requests.withdraw(identifier), [f"已收回申请 {identifier}"])


request_commands = (request,)
