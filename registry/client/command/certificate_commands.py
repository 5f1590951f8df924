"""``certreg-client certificates``: the certificates of a submission, into a folder."""

from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click

from registry.client.command.desk import Desk, json_option


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
    """取回报送 SUBMISSION 已发布的证书：每张一个文件夹，内有令牌、二维码和 PDF。再次运行只取缺少的和已更正的。"""
    with desk.meter() as meter:
        done = desk.client.certificates.fetch(submission, folder, meter.certificates)
    desk.tell(
        {**asdict(done), "folder": str(folder)},
        [f"{folder}：{done.certificates} 张证书，本次取回 {done.fetched} 张"],
    )


certificate_commands = (certificates,)
