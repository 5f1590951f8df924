"""``certreg witness``: the program that cosigns the public log, with a folder of its own. It opens no database."""

import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from keys.errors import HeadLost
from keys.note_keys import parse_vkeys, vkeys_path, vkeys_text
from keys.witness.seed import seed
from keys.witness.server import WitnessServer
from keys.witness.state import KEYS, WitnessState
from keys.witness.witness import Witness
from registry.operator.ceremony import create_identity
from registry.operator.desk import Desk
from registry.operator.errors import NotFounded, PortTaken
from registry.settings import PREFIX

ODD = 1
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Address(click.ParamType[tuple[str, int]]):
    """Where to listen, ``HOST:PORT``; an IPv6 address stands in brackets."""

    name = "address"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return host and port."""
        host, _, port = str(value).rpartition(":")
        if not host or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65535:
            self.fail(f"{value!r}: write it like 127.0.0.1:8002", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


@click.group()
def witness() -> None:
    """Cosign the public log, as somebody who saw it grow.

    A witness signs only a tree that goes on from the last one it saw, so nobody can be shown another. It is worth
    something to others if somebody else than the register runs it: docs/operations-witness.md. Its folder is
    CERTREG_WITNESS_DIR; its keys are sealed to CERTREG_KEY_IDENTITY_FILE.
    """


@witness.command("init")
@click.option(
    "--name", required=True, help="Its name for ever, like witness.example/w1: no scheme, no spaces."
)
@click.pass_obj
def witness_init(desk: Desk, name: str) -> None:
    """Make a witness: its keys, and an empty memory.

    Makes the identity that seals its keys, too, if there is none on this machine yet.
    """
    if "://" in name:
        raise click.UsageError(f"{name}: a witness's name has no scheme; write it like witness.example/w1")
    settings = desk.settings
    if not settings.key_identity_file.exists():
        create_identity(desk.custody)
        click.echo(f"made {settings.key_identity_file}, which opens its keys; keep a copy elsewhere")
    made = Witness.create(settings.witness_dir, name, desk.custody.identity)
    click.echo(f"witness {made.name} made in {settings.witness_dir}")
    click.echo("its public keys, for whoever is to believe it:")
    click.echo(vkeys_text(made.state.keys), nl=False)
    click.echo("next: certreg witness trust FILE with the public keys of a log, then certreg witness serve")


@witness.command("trust")
@click.argument("file", metavar="VKEYS-FILE", type=FILE)
@click.pass_obj
def witness_trust(desk: Desk, file: Path) -> None:
    """Trust a log that this witness never saw.

    VKEYS-FILE has the log's two public keys, a line each. From then on its first tree is taken as it comes, and every
    later one must go on from there.
    """
    keys = parse_vkeys(file.read_bytes().decode(errors="replace"))
    _state(desk).trust(keys)
    click.echo(f"trusted {keys[0].name}")


@witness.command("serve")
@click.option(
    "--listen",
    "address",
    type=Address(),
    default="127.0.0.1:8002",
    show_default=True,
    help="Where to answer, HOST:PORT; TLS is for a proxy in front.",
)
@click.pass_obj
def witness_serve(desk: Desk, address: tuple[str, int]) -> None:
    """Serve cosignatures over HTTP, to any log that is trusted.

    POST /add-checkpoint as in C2SP tlog-witness, and GET /health. Ctrl-C or SIGTERM ends it after the requests in hand.
    """
    _state(desk)
    opened = Witness.open(desk.settings.witness_dir, desk.custody.identity)
    try:
        server = WitnessServer(address, opened, clock=desk.now, tell=lambda line: click.echo(line, err=True))
    except OSError as error:
        raise PortTaken("witness", *address, error.strerror or str(error)) from None
    with server:
        _stop_with(server)
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        click.echo(f"witness {opened.name} answers at http://{host}:{address[1]}")
        server.serve_forever()


@witness.command("show")
@click.pass_obj
def witness_show(desk: Desk) -> None:
    """Show its name, its keys, and what it last saw of each log.

    Exit code 1 if what it saw of a log is lost, or there is evidence against one. Needs no secret.
    """
    state = _state(desk)
    click.echo(f"witness {state.name}")
    click.echo(vkeys_text(state.keys), nl=False)
    odd = [_is_odd(state, origin) for origin in state.logs()]
    if not odd:
        click.echo("trusts no log yet")
    sys.exit(ODD if any(odd) else 0)


@witness.command("seed")
@click.argument("origin")
@click.argument("first", metavar="FILE", type=FILE)
@click.argument("second", metavar="FILE", type=FILE)
@click.pass_obj
def witness_seed(desk: Desk, origin: str, first: Path, second: Path) -> None:
    """Tell the witness anew what it last saw of a log.

    Each FILE is the checkpoint of the log ORIGIN, from a mirror of its own; both must say the same. Only where that was
    lost, or nothing was seen yet: what the witness knows is not overwritten.
    """
    head = seed(_state(desk), origin, first.read_bytes(), second.read_bytes())
    click.echo(f"{origin}: goes on from {head.size} leaves, root {head.root.hex()}")


def _state(desk: Desk) -> WitnessState:
    folder = desk.settings.witness_dir
    if not vkeys_path(folder / KEYS).exists():
        raise NotFounded(
            f"witness at {folder}", f"make one with `certreg witness init`, or set {PREFIX}WITNESS_DIR"
        )
    return WitnessState.open(folder)


def _is_odd(state: WitnessState, origin: str) -> bool:
    """Show a log; tell whether somebody must see to it."""
    evidence = state.evidence(origin)
    try:
        lost = False
        click.echo(f"{origin}: {_told(state, origin)}")
    except HeadLost as error:
        lost = True
        click.echo(str(error))
    if evidence.notes:
        click.echo(f"{origin}: it signed two trees of one size; see {evidence.folder}")
    return lost or bool(evidence.notes)


def _told(state: WitnessState, origin: str) -> str:
    seen = state.seen(state.log(origin) or ())
    if not seen.data:
        return "nothing seen yet"
    when = f"{datetime.fromtimestamp(seen.stamp, UTC):%Y-%m-%dT%H:%M:%SZ}" if seen.stamp else "seeded"
    return f"{seen.head.size} leaves, root {seen.head.root.hex()}, {when}"


def _stop_with(server: WitnessServer) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
