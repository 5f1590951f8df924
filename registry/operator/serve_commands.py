"""``certreg serve``: both sites on this machine, under gunicorn."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import click

from registry.loopback import is_loopback
from registry.operator.desk import Desk
from registry.operator.errors import NotFounded, NotLoopback, PortTaken, SiteEnded
from registry.settings import PREFIX

APPLICATIONS = {"staff": "registry.app:create_app()", "public": "verify_web.app:create_app()"}
STOPPING_SECONDS = 30
# Named, not imported: no other command needs the server.
WORKER = "registry.operator.patient_worker.PatientWorker"
PORT = click.IntRange(1, 65535)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site listens."""

    site: str
    host: str
    port: int

    @property
    def address(self) -> str:
        """Host and port, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def require_loopback(host: str) -> str:
    """Return the host, or raise ``NotLoopback``: the staff pages ask nobody who he is yet."""
    if not is_loopback(host):
        raise NotLoopback(host)
    return host


def require_free(*places: Place) -> None:
    """Raise ``PortTaken`` if a site could not be served where it should be, or two at the same place."""
    with ExitStack() as open_sockets:
        for place in places:
            try:
                family = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0][0]
                probe = open_sockets.enter_context(socket.socket(family, socket.SOCK_STREAM))
                # As gunicorn binds: what is only left over from an ended server is no hindrance.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((place.host, place.port))
                probe.listen(1)
            except OSError as error:
                raise PortTaken(place.site, place.host, place.port, error.strerror or str(error)) from None


def start_site(place: Place, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start one site in its own process; the caller stops it."""
    gunicorn = [sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "4"]
    gunicorn += ["--worker-class", WORKER]
    # No header says where a site lies: the address that was asked for is the one that was signed.
    gunicorn += ["--forwarder-headers", ""]
    # A loaded machine needs its time to start; and nothing of ours is steered by a socket in somebody's home.
    gunicorn += ["--timeout", "120", "--no-control-socket", "--log-level", "warning"]
    # A session of its own: Ctrl-C reaches us alone, and we end the site in good order.
    arguments = [*gunicorn, "--bind", place.address, APPLICATIONS[place.site]]
    return subprocess.Popen(arguments, env=environ, start_new_session=True)


def serve_sites(desk: Desk, staff: Place, public: Place) -> None:
    """Serve both sites until interrupted; if one ends by itself, the other is stopped and ``SiteEnded`` raised.

    Whatever would keep them from starting is refused first, in words.
    """
    require_loopback(staff.host)
    settings = desk.settings
    desk.installation.require_secrets()
    if not settings.root_file.exists():
        raise NotFounded("pinned root", "make it with `certreg key found`")
    require_free(staff, public)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    # The public side gets what it needs and nothing else.
    environs = {"staff": inherited | settings.to_environ(), "public": inherited | settings.for_public_side()}
    with interruptible():
        sites = {place.site: start_site(place, environs[place.site]) for place in (staff, public)}
        click.echo(f"工作人员页面  http://{staff.address}/   （只读，仅限本机）")
        click.echo(f"公众网站      http://{public.address}/")
        click.echo("按 Ctrl-C 结束。")
        try:
            wait_for_any(sites)
        except KeyboardInterrupt:
            click.echo("\n正在结束。")
        finally:
            stop(sites)


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGTERM and SIGINT into ``KeyboardInterrupt``, also where a shell had SIGINT ignored."""
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait_for_any(sites: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Wait until one of the sites has ended by itself, and raise ``SiteEnded``."""
    while True:
        for site, process in sites.items():
            try:
                raise SiteEnded(site, process.wait(timeout=0.5))
            except subprocess.TimeoutExpired:
                continue


def stop(sites: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Ask the sites to end, and see to it that they do."""
    for process in sites.values():
        if process.poll() is None:
            process.terminate()
    for process in sites.values():
        try:
            process.wait(timeout=STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # A worker that outlived its master would keep the port.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@click.command()
@click.option("--staff-host", default="127.0.0.1", show_default=True, help="Loopback addresses only.")
@click.option("--staff-port", default=8001, show_default=True, type=PORT)
@click.option("--public-host", default="127.0.0.1", show_default=True, help="Any address of this machine.")
@click.option("--public-port", default=8000, show_default=True, type=PORT)
@click.pass_obj
def serve(desk: Desk, staff_host: str, staff_port: int, public_host: str, public_port: int) -> None:
    """Serve the staff's pages and the public site.

    The bodies' API is with the staff's pages, under /v1. Ctrl-C ends both.
    """
    serve_sites(desk, Place("staff", staff_host, staff_port), Place("public", public_host, public_port))
