"""What ``certreg log`` and ``certreg restore`` say of leaves that were readmitted."""

from collections.abc import Iterator, Mapping
from typing import Final

from registry.certificate.lifecycle import Status
from registry.log.readmission import Readmitted
from signing.log.leaf import LeafKind

KINDS: Final[Mapping[LeafKind, str]] = {
    LeafKind.ISSUE: "signed",
    LeafKind.VOID: "voided",
    LeafKind.SUSPEND: "suspended",
    LeafKind.REINSTATE: "reinstated",
    LeafKind.REVOKE: "revoked",
    LeafKind.SUPERSEDE: "superseded",
    LeafKind.SERIES: "series opened",
    LeafKind.KEYS: "key ceremonies",
}


def readmitted_lines(
    done: Readmitted, moved: Mapping[tuple[Status, Status], int], staying: int
) -> Iterator[str]:
    """Yield what was readmitted, what it tells, and how the register's entries followed."""
    count = done.end - done.first
    if not count:
        yield "no leaf of the public log was lost"
        return
    yield f"leaves {done.first} to {done.end - 1} of the public log readmitted: {count}"
    if done.adopted:
        yield f"    {done.adopted} of them are of acts that the database has"
    told = ", ".join(
        f"{name} {done.word.counts[kind]}" for kind, name in KINDS.items() if done.word.counts[kind]
    )
    if told:
        yield f"    of lost acts: {told}"
    for (before, after), number in moved.items():
        yield f"    {number} entries follow the log: {before} → {after}"
    if staying:
        yield f"    {staying} stay suspended, though the log tells that it was lifted; reinstate them if it was"
