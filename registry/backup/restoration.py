"""Restoring: a backup becomes a register, whole and above all numbers that were ever given, or nothing happens.

In this order: the backup's manifest is proved to be this register's; the place is empty; what the public was told is
there, or an operator says that nobody was told anything; rows are loaded into an empty register; what stands there is
read back and held against the backup; lost leaves of the public log are readmitted; numbers are raised; the whole is
checked; only then it is committed and, on SQLite, takes its name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import URL, func, select
from sqlalchemy.orm import Session

from keys.crash_points import reach
from registry.backup.errors import RestoreFaulty, StatusMissing
from registry.backup.folder import BackupFolder
from registry.backup.loading import load, require_as_backed_up
from registry.backup.log_restoration import LogRestored, restore_log
from registry.backup.manifest import Manifest
from registry.backup.outside import Outside
from registry.backup.public_word import ACT, PublicWord
from registry.backup.raising import Raised, raise_numbers
from registry.backup.target import building_site, require_unused
from registry.backup.writing import Progress
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.foundation.charter import read_charter, require_environment
from registry.foundation.errors import OtherEnvironment
from registry.journal.record import record
from registry.journal.tables import Event
from registry.log.lost_word import stay_suspended
from registry.people.permission import Actor

# Makes durable outside the database what must be there before the restored register is; done again, it does no harm.
BeforeCommit = Callable[[Session, Raised], None]

# Looks at the restored register before anything is committed; returns faults in words, none if all is well.
Check = Callable[[Session], Sequence[str]]

MOST_FINDINGS_TOLD: Final = 20


def _nothing_more(_session: Session, _raised: Raised) -> None:
    """Leave everything outside the database as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a register is restored with: its environment, who acts, what is known outside, and who checks it.

    ``before_commit`` is called last, when nothing speaks against the register any more.
    """

    environment: str
    acting: Callable[[Session], Actor]
    outside: Outside
    profiles: Profiles
    check: Check
    now: datetime
    before_commit: BeforeCommit = _nothing_more


@dataclass(frozen=True, slots=True)
class Restored:
    """The backup that the register was restored from, and what was raised."""

    name: str
    manifest: Manifest
    raised: Raised
    log: LogRestored | None = None


def restore(
    url: str | URL, folder: BackupFolder, name: str, conditions: Conditions, *, progress: Progress
) -> Restored:
    """Restore the backup of this name to an address at which nothing is; return what was done.

    ``progress`` is told every row twice: loaded, read back. Raises ``StatusMissing``, ``TargetTaken``,
    ``BackupInUse``, ``BackupMissing``, ``BackupDamaged``, ``NotThisRegister``, ``OtherShape``, ``OtherEnvironment``,
    ``NotAsBackedUp``, ``RestoreFaulty``, or what ``raise_numbers`` raises: then there is no register at the address.
    """
    manifest = folder.manifest(name)
    require_same_environment(manifest, conditions.environment)

    def act(session: Session) -> tuple[Raised, LogRestored | None]:
        require_unused(session)
        load(session, folder, manifest, progress=progress)
        reach("restore.loaded")
        require_as_backed_up(session, manifest, progress=progress)
        require_environment(read_charter(session), conditions.environment)
        raised, log = _raise(session, name, manifest, conditions)
        findings = conditions.check(session)
        if findings:
            raise RestoreFaulty(findings[:MOST_FINDINGS_TOLD])
        conditions.before_commit(session, raised)
        reach("restore.before_swap")
        return raised, log

    with building_site(url) as engine:
        require_public_word(conditions.outside)
        raised, log = Sessions(engine).run(act)
    return Restored(name, manifest, raised, log)


def require_public_word(outside: Outside) -> None:
    """Raise ``StatusMissing`` if nobody knows what the public was told, even if no entry seems to be lost.

    Without it a revocation after the backup would be forgotten, and the next status file would take it back.
    """
    if outside.status is None and not outside.never_published:
        raise StatusMissing


def require_same_environment(manifest: Manifest, environment: str) -> None:
    """Raise ``OtherEnvironment`` for a backup of a register of another environment."""
    if manifest.environment != environment:
        raise OtherEnvironment(manifest.environment, environment)


def _raise(
    session: Session, name: str, manifest: Manifest, conditions: Conditions
) -> tuple[Raised, LogRestored | None]:
    actor, outside, now = conditions.acting(session), conditions.outside, conditions.now
    newest_at = session.scalar(select(func.max(Event.at)))
    record(
        session,
        ACT,
        "register",
        at=now,
        by=actor.account_id,
        backup=name,
        made_at=manifest.made_at.isoformat(),
        place=manifest.place,
        entry=manifest.entry,
        signer=outside.signed is not None,
        status=outside.status.version if outside.status else None,
        stated={"entry": outside.stated.entry, "serials": dict(outside.stated.serials)},
    )
    log = (
        None
        if outside.log is None
        else restore_log(session, actor, outside.log, conditions.profiles, now=now)
    )
    raised = raise_numbers(
        session,
        actor,
        outside,
        conditions.profiles,
        environment=conditions.environment,
        since=manifest.made_at,
        word=PublicWord.beside(outside.status, manifest, newest_at=newest_at) if outside.status else None,
        log=None if log is None else log.word,
        now=now,
    )
    if log is not None:
        stay_suspended(session, actor, log.still_suspended, now=now)
    return raised, log
