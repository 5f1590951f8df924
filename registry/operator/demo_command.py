"""``certreg demo``: a throw-away register that shows the whole road, then serves both sites."""

import os
import shlex
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from registry.operator.demo import Demo
from registry.operator.demo_bodies import CONFIG, write_configs
from registry.operator.demo_cast import clear_stage, demo_settings, require_own_database
from registry.operator.demo_workbooks import TO_TRY
from registry.operator.desk import Desk
from registry.operator.serve_commands import PORT, Place, require_free, serve_sites
from registry.operator.signer_process import signer_process
from registry.operator.worker_process import worker_process


@click.command()
@click.option(
    "--folder",
    default="var/demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Everything is kept here; an earlier demo in it is removed.",
)
@click.option("--serve/--no-serve", default=True, help="Serve both sites afterwards, or end.")
@click.option("--staff-port", default=8001, show_default=True, type=PORT)
@click.option("--public-port", default=8000, show_default=True, type=PORT)
@click.pass_context
def demo(context: click.Context, folder: Path, serve: bool, staff_port: int, public_port: int) -> None:
    """Play the whole road once, on a throw-away register.

    Hand in over the API, review, issue, verify, revoke, correct. Everybody in it is invented.
    """
    settings = replace(demo_settings(folder), signer_socket=folder / "signer.socket")
    staff, public = Place("staff", "127.0.0.1", staff_port), Place("public", "127.0.0.1", public_port)
    if serve:
        require_free(staff, public)
    require_own_database(settings, folder)
    clear_stage(folder)
    desk = Desk(settings)
    context.call_on_close(desk.close)
    play = Demo(desk, folder)
    click.secho("专业技术等级证书登记系统 · 演示", bold=True)
    click.echo("人物、成绩、证书均为虚构，无任何效力。")
    with ExitStack() as signer:
        play.run(lambda: signer.enter_context(signer_process(settings)))
        _finish(play, desk, staff, public, serve=serve)


def _finish(play: Demo, desk: Desk, staff: Place, public: Place, *, serve: bool) -> None:
    _tell_where_to_look(play, public)
    write_configs(play.bodies, play.issuers, f"http://{staff.address}", desk.settings.environment)
    _tell_what_to_try(play)
    if serve:
        click.echo()
        # Whoever hands in by the commands above waits for a worker.
        with worker_process(desk.settings, every_seconds=1):
            serve_sites(desk, staff, public)


def _tell_where_to_look(play: Demo, public: Place) -> None:
    number = play.example
    settings, certificate = play.desk.settings, play.certificates / number
    command = [
        _program("certverify"),
        certificate / "token.cbor",
        "--public",
        settings.public_dir,
        "--root",
        settings.root_file,
    ]
    fragment = play.link(number).partition("#")[2]
    click.secho("\n接下来可以看", bold=True)
    click.echo(f"   证书文件   {certificate}/certificate.pdf")
    click.echo(f"   公共文件   {settings.public_dir}/")
    click.echo(f"   离线核验   {shlex.join(map(str, command))}")
    click.echo(f"   扫码页面   http://{public.address}/v#{fragment}")
    click.echo("              （网站启动后，此链接与扫描证书上的二维码相同）")


def _tell_what_to_try(play: Demo) -> None:
    """Tell how to hand in by hand, as a clerk of the first body."""
    bureau = play.bodies / play.issuers[0]
    client = _program("certreg-client")
    click.secho("\n以一家机构的身份经接口报送（网站启动后）", bold=True)
    click.echo(f"   export CERTREG_CLIENT_CONFIG={shlex.quote(str(bureau / CONFIG))}")
    click.echo(f"   {client} status")
    click.echo(f"   {client} check {shlex.quote(str(bureau / TO_TRY))}      （两人，其中一处错误待改正）")


def _program(name: str) -> str:
    """Return how to call a command of ours from here: by its path if it is not on the search path."""
    own = Path(sys.argv[0]).parent
    on_path = any(Path(folder) == own.absolute() for folder in os.environ.get("PATH", "").split(os.pathsep))
    if on_path or not (own / name).exists():
        return name
    path = (own / name).absolute()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
