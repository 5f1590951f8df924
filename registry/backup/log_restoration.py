"""The public log in a restore: what it told after the backup is known again, or the register says that it is behind.

A backup has the row of the log's head and the lost leaves that it knew of; the log's memory, its keys and its public
files are in none. Where these know more leaves, the restored register readmits them, so that the log goes on; where
they can not be had, or do not fit, the register is restored all the same and only reads, until ``certreg log rebuild``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from registry.certificate.lifecycle import Status
from registry.directory.profiles import Profiles
from registry.log.errors import LeafContradicts, LogError
from registry.log.head import enter_behind, read_head
from registry.log.lost_leaves import KnownLog
from registry.log.lost_word import LostWord, follow_log
from registry.log.readmission import Readmitted, readmit
from registry.log.remaking import edge_of
from registry.people.permission import Actor


@dataclass(frozen=True, slots=True)
class LogRestored:
    """What was done: leaves that were readmitted, and how the entries of the backup followed them.

    ``behind`` says why the register only reads, ``None`` if it does not.
    """

    readmitted: Readmitted | None = None
    moved: Mapping[tuple[Status, Status], int] = field(default_factory=dict)
    still_suspended: tuple[int, ...] = ()
    behind: str | None = None

    @property
    def word(self) -> LostWord:
        """What the readmitted leaves tell."""
        return self.readmitted.word if self.readmitted else LostWord()


def restore_log(
    session: Session, actor: Actor, known: KnownLog, profiles: Profiles, *, now: datetime
) -> LogRestored:
    """Readmit what is known of the log beyond the restored row, in the caller's transaction.

    Raises ``LeafContradicts`` or ``NotPermitted``; whatever else is wrong is entered, and the register only reads.
    """
    try:
        with session.begin_nested():
            return _restore(session, actor, known, profiles, now=now)
    except LeafContradicts:
        raise
    except LogError as refusal:
        enter_behind(session, str(refusal))
        return LogRestored(behind=str(refusal))


def _restore(
    session: Session, actor: Actor, known: KnownLog, profiles: Profiles, *, now: datetime
) -> LogRestored:
    head = read_head(session)
    lost = known.beyond(head.size)
    if lost is None:
        return LogRestored(behind=head.behind)
    edge = edge_of(lambda query: query(session), profiles, head.size, head.root)
    done = readmit(session, actor, profiles, lost, edge, now=now)
    followed = follow_log(session, actor, done.word, now=now)
    moved = {move: len(entries) for move, entries in followed.moved.items()}
    return LogRestored(done, moved, tuple(followed.still_suspended))
