"""``certreg demo``: a throw-away register that shows the whole road, then serves both sites."""

from pathlib import Path

import click

from registry.operator.demo import Demo
from registry.operator.demo_cast import clear_stage, demo_settings
from registry.operator.desk import Desk
from registry.operator.serve_commands import serve_sites


@click.command()
@click.option("--folder", default="var/demo", show_default=True, type=click.Path(path_type=Path))
@click.option("--serve/--no-serve", default=True, help="Serve both sites afterwards.")
@click.option("--staff-port", default=8001, show_default=True)
@click.option("--public-port", default=8000, show_default=True)
def demo(folder: Path, serve: bool, staff_port: int, public_port: int) -> None:
    """Play the whole road once: hand in, review, issue, verify, revoke, correct. Everybody in it is invented."""
    try:
        clear_stage(folder)
    except FileExistsError as error:
        raise click.UsageError(str(error)) from None
    settings = demo_settings(folder)
    play = Demo(Desk(settings), folder)
    click.secho("专业技术等级证书登记系统 · 演示（人物、成绩、证书均为虚构，无任何效力）", bold=True)
    play.run()
    number = next(iter(sorted(path.name for path in play.certificates.iterdir())))
    click.secho("\n接下来可以看", bold=True)
    click.echo(f"   证书文件   {play.certificates / number}/certificate.pdf")
    click.echo(f"   公共文件   {settings.public_dir}/   根 {settings.root_file}")
    click.echo(f"   certverify {play.certificates / number}/token.cbor --public {settings.public_dir} --root {settings.root_file}")
    loopback = f"http://127.0.0.1:{public_port}/v#{play.link(number).partition('#')[2]}"
    click.echo(f"   扫码页面   {loopback}")
    if serve:
        serve_sites(
            settings,
            staff_host="127.0.0.1",
            staff_port=staff_port,
            public_host="127.0.0.1",
            public_port=public_port,
        )
