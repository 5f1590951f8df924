"""The public log as it stands: what the register's row, the log's memory and the public checkpoint say of one tree.

Read while the log may grow, so the row is looked at twice, and the others in between: the log's memory is never behind
the row that was read before it, and nothing public or in the row is ahead of what was read after it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from keys.errors import KeyUnavailable, LogMemoryDamaged
from keys.log_memory import Grown, LogMemory
from registry.audit.evidence import FILE
from registry.audit.finding import Finding, Kind, Part, Skipped
from registry.journal.tables import Event, LogHead, LostLeaf
from registry.log.files import CHECKPOINT, LogFiles
from registry.log.head import HEAD
from registry.plain_files import shown
from signing.errors import LogRefused
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.note import Note
from signing.merkle import root_of_hashes

BEGINNING = (0, 0, root_of_hashes([]), 0)


class Row(NamedTuple):
    """The register's row, as far as it tells numbers."""

    place: int
    size: int
    root: bytes
    cosigned: int


@dataclass(slots=True)
class LogSeen:
    """What was seen. ``row`` is the later look, ``trees`` the roots that somebody claims, by who and of what size."""

    row: Row
    trees: list[tuple[str, int, bytes]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def read_row(session: Session) -> Row:
    """Return the row; the empty tree if there is none, which is found elsewhere. ``ValueError`` for garbage."""
    found = session.execute(
        select(LogHead.place, LogHead.size, LogHead.root, LogHead.cosigned).where(LogHead.id == HEAD)
    ).one_or_none()
    row = Row(*BEGINNING) if found is None else Row._make(found)
    if [type(value) for value in row] != [int, int, bytes, int]:
        raise ValueError("not the head of a log")
    return row


def row_if_sound(session: Session) -> Row | None:
    """Return the row, ``None`` for one that is none, which is found once and not with every act."""
    try:
        return read_row(session)
    except ValueError:
        return None


def last_leaf(session: Session) -> int:
    """Return how many leaves there can be, as far as acts and lost leaves tell: a row may say anything."""
    run = select(func.max(Event.leaf + func.coalesce(Event.last_entry - Event.first_entry, 0)))
    last = (session.scalar(run), session.scalar(select(func.max(LostLeaf.place))))
    return 1 + max((place for place in last if isinstance(place, int)), default=-1)


def see_log(
    read: Callable[[], Row], policy: LogPolicy, memory: Path | None, public_dir: Path | None
) -> LogSeen:
    """Look at everything, ``read`` at the row; where a path is ``None``, at the rest."""
    before = read()
    grown, why = _memory(memory, policy)
    data = None if public_dir is None else LogFiles(public_dir).checkpoint()
    row = read()
    seen = LogSeen(row, [("the row of log_head", row.size, row.root)])
    if memory is not None:
        _hold_memory(seen, memory, grown, why, before)
    if public_dir is not None:
        path = shown(public_dir / CHECKPOINT)
        for what in _checkpoint_faults(seen, policy, grown, data, before):
            seen.findings.append(Finding(Kind.LOG, FILE, path, what))
    seen.findings += _row_faults(row, grown)
    return seen


def longest_now(read: Callable[[], Row], policy: LogPolicy, memory: Path | None) -> int:
    """Return how many leaves the log has by now: what its memory staged is perhaps not entered yet."""
    grown, _ = _memory(memory, policy)
    size = read().size
    return size if grown is None else max(size, grown.size)


def _memory(path: Path | None, policy: LogPolicy) -> tuple[Grown | None, Exception | None]:
    try:
        memory = None if path is None else LogMemory(path)
        return (memory.last(policy.keys) if memory is not None and memory.exists else None), None
    except (KeyUnavailable, LogMemoryDamaged, OSError) as fault:
        return None, fault


def _hold_memory(seen: LogSeen, path: Path, grown: Grown | None, why: Exception | None, before: Row) -> None:
    if isinstance(why, LogMemoryDamaged):
        seen.findings.append(Finding(Kind.LOG, FILE, str(path), f"the log's memory is damaged ({why.why})"))
        return
    if grown is None:
        said = "is not there" if why is None else f"can not be read ({type(why).__name__})"
        seen.skipped.append(Skipped(Part.LOG, f"the log's memory {said}: {path}"))
        return
    seen.trees.append(("the log's memory", grown.before.size, grown.before.root))
    seen.trees.append(("the log's memory", grown.size, grown.head.root))
    for what in _memory_faults(grown, before, seen.row):
        seen.findings.append(Finding(Kind.LOG, "log_head", str(HEAD), what))


def _memory_faults(grown: Grown, before: Row, row: Row) -> Iterator[str]:
    if grown.size < before.size:
        yield f"it says {before.size} leaves, and the log's memory {grown.size}: one of them is an old copy"
    elif grown.before.size > row.size:
        yield f"it says {row.size} leaves, and the log's memory {grown.size}: a stale copy of the register"


def _row_faults(row: Row, grown: Grown | None) -> Iterator[Finding]:
    """A head is begun when the one before it is cosigned, so the row says one of the two."""
    lawful = {row.size} if grown is None else {row.size, grown.before.size, grown.size}
    if row.cosigned > row.size or (grown is not None and row.cosigned not in lawful):
        what = f"it says that {row.cosigned} leaves are cosigned, which no head of the log has"
        yield Finding(Kind.LOG, "log_head", str(HEAD), what)


def _checkpoint_faults(
    seen: LogSeen, policy: LogPolicy, grown: Grown | None, data: bytes | None, before: Row
) -> Iterator[str]:
    if data is None:
        if before.cosigned:
            yield "it is not there"
        return
    try:
        checkpoint = policy.open(data)
    except LogRefused as refusal:
        yield f"it does not verify ({refusal})"
        return
    head = checkpoint.head
    if not checkpoint.is_cosigned:
        yield f"{len(checkpoint.cosigned_at)} of {policy.quorum} witnesses needed signed it"
    if before.cosigned > head.size:
        yield f"it has {head.size} leaves, and {before.cosigned} are cosigned: an old copy"
    if head.size > seen.row.size:
        yield f"it has {head.size} leaves, and the register knows {seen.row.size}: a stale copy of the register"
        return
    seen.trees.append(("the public checkpoint", head.size, head.root))
    yield from _line_faults(policy, checkpoint, grown)


def _line_faults(policy: LogPolicy, checkpoint: Checkpoint, grown: Grown | None) -> Iterator[str]:
    """Every line is of a key that the trust bundle names, and the log's own are those that its memory has."""
    keys = [*policy.keys, *(key for witness in policy.witnesses for key in witness.keys)]
    named = {(key.name, key.key_id) for key in keys}
    lines = [(line.name, line.key_id) for line in Note.parse(checkpoint.data).signatures]
    if not named.issuperset(lines) or len(set(lines)) != len(lines):
        yield "a line of it is of a key that the trust bundle does not name, or stands there twice"
    own = {(key.name, key.key_id) for key in policy.keys}
    same = grown is not None and grown.head == checkpoint.head
    if not own.issubset(lines) or (same and grown is not None and not checkpoint.data.startswith(grown.note)):
        yield "the log's own lines are not those that it signed"


def row_questions(session: Session, *, has_log: bool) -> Iterator[Finding]:
    """Yield what is wrong with the row by itself, and with leaves of acts that have no place."""
    rows = session.execute(
        select(LogHead.id, LogHead.place, LogHead.size, LogHead.root, LogHead.cosigned, LogHead.behind)
    ).all()
    if [row.id for row in rows] != [HEAD]:
        what = f"there are {len(rows)} rows where one belongs"
        yield Finding(Kind.LOG, "log_head", str(HEAD), what)
        return
    _, place, size, root, cosigned, behind = rows[0]
    last = session.scalar(select(func.max(Event.place))) or 0
    if not has_log and (place, size, root, cosigned) != BEGINNING:
        yield Finding(Kind.LOG, "log_head", str(HEAD), "it tells of a log, and the trust bundle names none")
    if not 0 <= place <= last or not 0 <= cosigned <= size:
        what = f"it tells of places that there are not: {place} of {last}, {cosigned} of {size} cosigned"
        yield Finding(Kind.LOG, "log_head", str(HEAD), what)
    if behind is not None:
        yield Finding(Kind.LOG, "log_head", str(HEAD), f"the register only reads: {behind}")
    early = select(Event.id).where(Event.place.is_(None), Event.leaf.is_not(None))
    for event in session.scalars(early):
        yield Finding(Kind.LOG, "event", str(event), "it has a leaf, and no place in the journal's chain")
