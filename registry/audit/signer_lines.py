"""The signer's own journal beside the register: what was signed is what is stored, and nothing else was signed.

Read without its lock and without changing it: whole lines never change, and a torn last one is not there yet.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.signer import journal_line
from keys.signer.history import SignedEntry
from keys.signer.journal import HEADER
from registry.audit.evidence import FILE
from registry.audit.finding import Finding, Kind, Outcome
from registry.certificate.tables import Entry
from registry.journal.record import runs_of

BLOCK = 1 << 18
LONGEST_LINE = 512


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes of the journal that begin and end with a line."""

    first: int
    last: int


def stretches(path: Path, *, since: int = 0) -> Iterator[Stretch]:
    """Yield the journal in stretches of about ``BLOCK`` bytes, from the offset of a line on; 0 for all of it.

    Raises ``OSError``.
    """
    begin = max(since, len(HEADER))
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while begin < size:
            file.seek(begin)
            data = file.read(BLOCK)
            end = begin + data.rfind(b"\n") + 1
            if end == begin:
                return
            yield Stretch(begin, end)
            begin = end


def header_faults(path: Path) -> Iterator[Finding]:
    """Yield unless the file begins as a journal. Raises ``OSError``."""
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            yield Finding(Kind.SIGNER, FILE, f"{path}:1", "it does not begin as a signer's journal")


def check_stretch(session: Session, path: Path, stretch: Stretch) -> Outcome:
    """Check the lines of a stretch against the entries; the chain value before it is taken as it stands there."""
    outcome = Outcome()
    signed: list[SignedEntry] = []
    with path.open("rb") as file:
        chain = _chain_before(file.fileno(), stretch.first)
        data = os.pread(file.fileno(), stretch.last - stretch.first, stretch.first)
    offset = stretch.first
    for line in data.split(b"\n")[:-1]:
        read = journal_line.read(line, after=chain)
        if read is None:
            what = "this line was changed, or a line before it is gone"
            outcome.take([Finding(Kind.SIGNER, FILE, f"{path}+{offset}", what)])
        else:
            signed.append(read[0])
        chain, offset = line[-len(journal_line.FIRST_CHAIN) :], offset + len(line) + 1
    outcome.take(_signed_faults(session, signed))
    outcome.counts["signed"] = len(signed)
    outcome.recorded = runs_of(sorted({item.entry for item in signed}))
    return outcome


def _chain_before(descriptor: int, offset: int) -> bytes:
    size = len(journal_line.FIRST_CHAIN)
    if offset <= len(HEADER):
        return journal_line.FIRST_CHAIN
    return os.pread(descriptor, size, offset - size - 1)


def _signed_faults(session: Session, signed: Sequence[SignedEntry]) -> Iterator[Finding]:
    entries = sorted({item.entry for item in signed})
    stored: dict[int, tuple[bytes, bytes | None]] = {}
    for first, last in runs_of(entries):
        query = select(Entry.entry, Entry.key_id, Entry.to_be_signed).where(Entry.entry.between(first, last))
        stored |= {entry: (key_id, bytes_) for entry, key_id, bytes_ in session.execute(query)}
    for item in signed:
        row = stored.get(item.entry)
        if row is None:
            what = "the signer signed it, and the register does not know it: a stale copy of the register"
            yield Finding(Kind.SIGNER, "entry", str(item.entry), what)
        elif row[1] is not None:
            for what in _differences(item, row[0], row[1]):
                yield Finding(Kind.SIGNER, "entry", str(item.entry), what)


def _differences(item: SignedEntry, key_id: bytes, to_be_signed: bytes) -> Iterator[str]:
    # The number that the line names was read out of these bytes; the chain vouches for the line.
    if sha256(to_be_signed).digest() != item.digest:
        yield "the signer signed other bytes"
    if key_id != item.key_id:
        yield "the signer signed it with another key"


def recorded_among(path: Path) -> list[tuple[int, int]]:
    """Return the runs of all entries that the journal names, by its lines' first field alone. Raises ``OSError``."""
    entries: set[int] = set()
    with path.open("rb") as file:
        for line in file:
            entry = line.split(b" ", 1)[0]
            if entry.isdigit():
                entries.add(int(entry))
    return runs_of(sorted(entries))


def unrecorded_faults(
    signed: Sequence[tuple[int, int]], recorded: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    """Yield the entries that have a token and no line in the signer's journal; both are runs, ascending."""
    gaps = iter(sorted(recorded))
    run = next(gaps, None)
    for first, last in sorted(signed):
        at = first
        while at <= last:
            while run is not None and run[1] < at:
                run = next(gaps, None)
            if run is None or last < run[0]:
                yield _unrecorded(at, last)
                break
            if at < run[0]:
                yield _unrecorded(at, run[0] - 1)
            at = run[1] + 1


def _unrecorded(first: int, last: int) -> Finding:
    name = str(first) if first == last else f"{first}-{last}"
    return Finding(Kind.SIGNER, "entry", name, "it has a token, and the signer's journal does not know of it")
