"""Losing a register and restoring it, with the functions that the commands call."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
from sqlalchemy import select

from keys.sealing import Identity
from registry.backup.folder import BackupFolder
from registry.backup.outside import Outside, Stated
from registry.backup.restoration import Conditions, Restored, restore
from registry.backup.sealing import BackupSeal
from registry.backup.writing import BackedUp, back_up
from registry.certificate.tables import Certificate, Entry, Series
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.directory.profiles import load_profiles
from registry.journal.sequencer import chain_events
from registry.publication.status_payload import compose_status
from signing.status import Status
from tests.instants import NOON
from tests.registry.world import ENVIRONMENT, World

DATA_KEY = bytes(range(32))
NEXT_DAY = NOON + timedelta(days=1)


def unseen(_: int) -> None:
    """Tell nobody."""


def new_identity() -> Identity:
    """Return an identity that was never on a disk."""
    return Identity(pyrage.x25519.Identity.generate())


@dataclass
class Drill:
    """One world, its backups, and what is known outside its database."""

    world: World
    path: Path
    empty_place: Callable[[str], str]
    database: str
    identity: Identity = field(default_factory=new_identity)
    opened: list[Sessions] = field(default_factory=list)

    @property
    def seal(self) -> BackupSeal:
        """What the backups are sealed with."""
        return BackupSeal(self.identity, DATA_KEY)

    @property
    def folder(self) -> BackupFolder:
        """The folder of backups."""
        return BackupFolder(self.path / "backups", self.seal)

    def back_up(self, *, now: datetime = NOON) -> BackedUp:
        """Chain the journal, then make a backup."""
        chain_events(self.world.sessions)
        return back_up(
            self.world.sessions, self.folder, environment=ENVIRONMENT, now=lambda: now, progress=unseen
        )

    def status(self, *, now: datetime = NEXT_DAY) -> Status:
        """Return what would be published now."""
        return self.world.sessions.read(
            lambda session: compose_status(
                session, environment=ENVIRONMENT, trust_keys_version=1, previous=0, now=now
            )
        )

    def outside(self, status: Status | None, **changes: Any) -> Outside:
        """Return all that outlives the database, but for the ``changes``."""
        known = Outside(trust=self.world.trust, signed=self.world.journal.entries, status=status)
        return replace(known, **changes)

    def conditions(self, outside: Outside, **changes: Any) -> Conditions:
        """Return the conditions of a restore in order, but for the ``changes``."""
        honest = Conditions(
            environment=ENVIRONMENT,
            acting=lambda session: self.world.registrar,
            outside=outside,
            profiles=load_profiles(),
            check=lambda session: [],
            now=NEXT_DAY,
        )
        return replace(honest, **changes)

    def restore(
        self, outside: Outside, *, url: str | None = None, name: str | None = None, **changes: Any
    ) -> tuple[World, Restored]:
        """Restore the newest backup to an empty place; return the world on it, with the same people and signers."""
        url = url or self.empty_place(self.database)
        name = name or self.folder.newest()
        restored = restore(url, self.folder, name, self.conditions(outside, **changes), progress=unseen)
        return self.world_at(url), restored

    def world_at(self, url: str) -> World:
        """Return the same people and keys at another database."""
        world = copy.copy(self.world)
        world.sessions = Sessions(open_engine(url))
        self.opened.append(world.sessions)
        return world

    def close(self) -> None:
        """Close what was opened."""
        for sessions in self.opened:
            sessions.close()


def stated(entry: int = 0, **serials: int) -> Stated:
    """Return an operator's words."""
    return Stated(entry=entry, serials=serials)


def given(world: World) -> Mapping[str, int]:
    """Return the first entry of every number that has one."""
    query = select(Certificate.number, Entry.entry).join(Entry).order_by(Entry.entry.desc())
    return world.sessions.read(lambda session: dict(session.execute(query).all()))


def tokens(world: World) -> dict[int, bytes | None]:
    """Return the token of every entry."""
    query = select(Entry.entry, Entry.token)
    return world.sessions.read(lambda session: dict(session.execute(query).all()))


def issued_counts(world: World) -> dict[str, int]:
    """Return N of every series."""
    return world.sessions.read(lambda session: dict(session.execute(select(Series.key, Series.issued)).all()))


def serials_are_dense(world: World) -> bool:
    """Say whether the numbers of each series are exactly 1..N."""
    query = select(Certificate.series_key, Certificate.serial)
    found: dict[str, list[int]] = {}
    for key, serial in world.sessions.read(lambda session: list(session.execute(query))):
        found.setdefault(key, []).append(serial)
    return all(sorted(found.get(key, [])) == list(range(1, n + 1)) for key, n in issued_counts(world).items())
