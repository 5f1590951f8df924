"""``certreg signer``: the program that holds the issuing key, behind a Unix socket. It opens no database."""

import os
import pwd
import signal
from pathlib import Path
from types import FrameType

import click

from keys.errors import KeyUnavailable
from keys.signer import BatchSigner
from keys.signer.listener import SignerService, SignerSocket
from registry.operator.custody import Custody
from registry.operator.desk import Desk
from registry.operator.errors import NotFounded
from registry.settings import PREFIX


@click.command("signer")
@click.option(
    "--socket",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"Where to listen; {PREFIX}SIGNER_SOCKET if left out.",
)
@click.option(
    "--allow-user",
    "users",
    multiple=True,
    metavar="NAME",
    help="A user of this machine who may ask; the signer's own user may always. Repeatable.",
)
@click.pass_obj
def signer_command(desk: Desk, path: Path | None, users: tuple[str, ...]) -> None:
    """Sign certificates for the register, as a program of its own.

    It reads no database: with the bytes it gets the evidence for them (three signed decisions, the confirmed rows, the
    opening of the series) and signs only what that shows, held against the roster that two custodians signed. Run it
    as a user of its own, who alone can read the keys and the signer's journal; the register's processes find it by
    CERTREG_SIGNER_SOCKET. Trust bundle and roster are taken up anew when they change.
    """
    place = path or desk.settings.signer_socket
    if place is None:
        raise click.UsageError(f"name the socket: --socket, or {PREFIX}SIGNER_SOCKET")
    allowed = {_user_id(name) for name in users} | {os.geteuid()}
    room = _Room(desk)
    service = SignerService(room.open, stamp=room.stamp, last_entry=room.last_entry)
    try:
        keys = service.renew()
        listening = SignerSocket(place, service, users=allowed)
        _stop_with(listening)
        listening.serve(
            lambda: click.echo(f"signing with {', '.join(key.hex() for key in keys) or 'no key'} at {place}")
        )
    finally:
        room.close()


class _Room:
    """The keys of the signer's program; opened anew when trust bundle or roster changed, or something failed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._custody = Custody(desk.settings)

    def open(self) -> dict[bytes, BatchSigner]:
        """Open what the trust bundle and the roster say now; raises a ``KeysError`` also if one of them is missing."""
        self.close()
        self._custody = Custody(self._desk.settings)
        try:
            return dict(self._custody.own_signers(now=self._desk.now))
        except NotFounded as missing:
            why = str(missing)
        raise KeyUnavailable(self._desk.settings.keys_dir, why)

    def stamp(self) -> object:
        """Return what tells one state of trust bundle and roster from the next."""
        return self._custody.stamp

    def last_entry(self) -> int:
        """Return the highest entry that the journal knows."""
        return self._custody.journal.last_entry()

    def close(self) -> None:
        """Close keys, journal and signing processes."""
        self._custody.close()


def _stop_with(listening: SignerSocket) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        listening.stop()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)


def _user_id(name: str) -> int:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise click.UsageError(f"--allow-user {name}: there is no such user on this machine") from None
