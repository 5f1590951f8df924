"""``certreg serve``: both sites on this machine, under gunicorn."""

import ipaddress
import os
import signal
import subprocess
import sys

import click

from registry.operator.desk import Desk
from registry.operator.errors import NotLoopback
from registry.settings import PREFIX, Settings

SITES = {"staff": "registry.app:create_app()", "public": "verify_web.app:create_app()"}


def require_loopback(host: str) -> str:
    """Return the host, or raise ``NotLoopback``: the staff pages ask nobody who he is yet."""
    if host == "localhost":
        return host
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopback(host)
    return host


def start_site(site: str, host: str, port: int, environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start one site in its own process; the caller stops it."""
    gunicorn = [sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "4"]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    arguments = ["--bind", address, "--log-level", "warning", SITES[site]]
    return subprocess.Popen([*gunicorn, *arguments], env=environ)


def serve_sites(
    settings: Settings, *, staff_host: str, staff_port: int, public_host: str, public_port: int
) -> None:
    """Serve both sites until interrupted; if one ends, the other is stopped."""
    require_loopback(staff_host)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    processes = [
        start_site("staff", staff_host, staff_port, inherited | settings.to_environ()),
        # The public side gets what it needs and nothing else.
        start_site("public", public_host, public_port, inherited | settings.for_public_side()),
    ]
    click.echo(f"工作人员页面  http://{staff_host}:{staff_port}/   （只读，仅限本机）")
    click.echo(f"公众网站      http://{public_host}:{public_port}/")
    click.echo("按 Ctrl-C 结束。")
    try:
        wait_for_any(processes)
    except KeyboardInterrupt:
        pass
    finally:
        stop(processes)


def wait_for_any(processes: list[subprocess.Popen[bytes]]) -> None:
    """Return when one of the processes has ended."""
    while all(process.poll() is None for process in processes):
        try:
            processes[0].wait(timeout=1)
        except subprocess.TimeoutExpired:
            continue


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask the processes to end, and wait for them."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(timeout=30)


@click.command()
@click.option("--staff-host", default="127.0.0.1", show_default=True, help="Loopback addresses only.")
@click.option("--staff-port", default=8001, show_default=True)
@click.option("--public-host", default="127.0.0.1", show_default=True)
@click.option("--public-port", default=8000, show_default=True)
@click.pass_obj
def serve(desk: Desk, staff_host: str, staff_port: int, public_host: str, public_port: int) -> None:
    """Serve the staff's pages with the bodies' API, and the public site."""
    serve_sites(
        desk.settings,
        staff_host=staff_host,
        staff_port=staff_port,
        public_host=public_host,
        public_port=public_port,
    )
