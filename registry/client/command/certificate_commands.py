"""``certreg-client certificates``: the certificates of a submission, into a folder."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click

from registry.client.certificates import Fetched
from registry.client.command.desk import Desk, json_option
from registry.client.command.shown import CERTIFICATE_STATUS, LEFT_OUT, named, plain

REFUSED = 1


@click.command()
@click.argument("submission", type=click.UUID)
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="存放证书的文件夹。",
)
@json_option
@click.pass_obj
def certificates(desk: Desk, submission: UUID, folder: Path) -> None:
    """取回报送 SUBMISSION 已发布的证书：每张一个文件夹，内有令牌、二维码和 PDF。再次运行只取缺少的和已更正的。

    取不到的证书逐张列出，不影响其余各张。文件夹中已失效的证书只列出，不删除。
    """
    with desk.meter() as meter:
        done = desk.client.certificates.fetch(submission, folder, meter.certificates)
    desk.tell({**asdict(done), "folder": str(folder)}, _lines(folder, done))
    if done.left_out:
        sys.exit(REFUSED)


def _lines(folder: Path, done: Fetched) -> Iterator[str]:
    yield f"{folder}：{done.certificates} 张有效证书，本次取回 {done.fetched} 张"
    for number, code in done.left_out.items():
        yield f"  {number} 没有取到（{plain(code)}）：{named(LEFT_OUT, code)}"
    for number, status in done.outdated.items():
        yield f"  {number} 已不是有效证书（{named(CERTIFICATE_STATUS, status)}），其文件仍在文件夹中，请勿再使用"


certificate_commands = (certificates,)
