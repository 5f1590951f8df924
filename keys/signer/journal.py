"""The signer's own memory: which bytes it signed for which entry, and which entries a number has had.

It lies outside the register's database, so that whoever writes into the database can not make the signer sign
other content for an entry, or a number twice. Text, append-only: a header line, then one line for each entry,
ended by a chain value over the line and all before it (``journal_line``).

What is durable: when ``admit`` returns, its lines are on disk, so the signer signs only what it can not
forget. A crash inside it leaves lines for bytes that were perhaps never signed; asking again with the same
bytes is lawful. A torn last line is cut off: nothing was signed for it. Linux tells of a failed ``fsync``
once, and may keep what it could not write as if it were written: a second ``fsync`` alone proves nothing. So
no write is longer than ``_MOST_UNPROVED``, none follows another before its ``fsync``, and whoever finds lines
it did not prove itself writes the last so many bytes once more, in place, before the ``fsync`` that it
believes. Until one succeeds, nobody appends or reads on. The chain finds a changed line; it
can not find whole lines cut off the end, so the journal belongs in the backups of the signer's machine.
Several processes of one machine may share it: each act holds the file's lock and first reads what others
wrote. Who has to know what was ever signed (a full check, a restore) reads ``entries``.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from keys.crash_points import around
from keys.durable_files import (
    OWNER_ONLY,
    make_private_folder,
    require_private_file,
    require_private_folder,
    write_new,
)
from keys.errors import JournalDamaged, JournalUnavailable, KeysError
from keys.signer import journal_line
from keys.signer.history import History, SignedEntry

HEADER: Final = b"certreg-signer-journal/1\n"
_BLOCK: Final = 1 << 18
# Bytes of one write; what lies further back was proved by an ``fsync`` that came after its own write.
_MOST_UNPROVED: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _End:
    """How far the file was read: bytes, lines, and the chain value of the last line."""

    offset: int
    lines: int
    chain: bytes


_BEGINNING: Final = _End(len(HEADER), 1, journal_line.FIRST_CHAIN)


class SignerJournal:
    """The journal of the signers of one register."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor
        # Once, by ``close`` or when nobody has the journal any more.
        self._close_file = weakref.finalize(self, os.close, descriptor)
        self._history = History()
        self._end = _BEGINNING
        self._failed = False
        self._threads = Lock()

    @classmethod
    def create(cls, path: Path) -> SignerJournal:
        """Begin a journal; raises ``KeyExists``.

        Done once in a register's life: an empty journal has forgotten all that was signed.
        """
        make_private_folder(path.parent)
        write_new(path, HEADER, mode=OWNER_ONLY)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> SignerJournal:
        """Open a journal and read it whole; never makes one.

        Raises ``JournalUnavailable``, ``JournalDamaged``, or ``KeyFileExposed`` if others than the owner may
        write it.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as fault:
            raise JournalUnavailable(path, fault.strerror or "not readable") from None
        journal = cls(path, descriptor)
        try:
            require_private_folder(path.parent)
            require_private_file(path, descriptor)
            with journal._locked():
                journal._read_header()
                until = journal._settle()
            # Whole lines never change, so the bulk is read while others may write.
            journal._take_until(until)
            with journal._locked():
                journal._catch_up()
        except KeysError:
            journal.close()
            raise
        return journal

    def admit(self, wanted: Sequence[SignedEntry]) -> None:
        """Return if all of these may be signed, after recording those that are new.

        One write and one ``fsync`` for each ``_MOST_UNPROVED`` bytes. Raises a ``SigningRefused`` and records none
        of them, or ``JournalUnavailable``; after a failed write this journal admits nothing any more and has to be
        opened anew.
        """
        with self._locked():
            self._catch_up()
            new = self._history.new_among(wanted)
            if new:
                self._append(new)

    def last_entry(self) -> int:
        """Return the highest entry ever admitted, by any process; 0 if none.

        Raises ``JournalDamaged`` or ``JournalUnavailable``.
        """
        with self._locked():
            self._catch_up()
            return self._history.last_entry

    def digests(self, entries: Sequence[int]) -> dict[int, bytes]:
        """Return the digests of these entries, of those that were ever admitted, by any process.

        Raises ``JournalDamaged`` or ``JournalUnavailable``.
        """
        with self._locked():
            self._catch_up()
            found = {entry: self._history.digest(entry) for entry in entries}
        return {entry: digest for entry, digest in found.items() if digest is not None}

    def entries(self) -> Iterator[SignedEntry]:
        """Yield every entry ever admitted, by any process, in the order of admission; reads the file anew.

        Raises ``JournalDamaged`` at the first line that is not what was written, or ``JournalUnavailable``.
        What is admitted after the call may be missing.
        """
        with self._locked():
            until = self._settle()
        for signed, _ in self._blocks(_BEGINNING, until):
            yield from signed

    def close(self) -> None:
        """Close the file; the journal can not be used afterwards."""
        with self._threads:
            self._failed = True
            self._descriptor = -1
            self._close_file()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the file against other threads and processes; any fault of it ends this journal."""
        with self._threads:
            if self._failed:
                raise JournalUnavailable(
                    self._path, "closed, or an earlier act failed; open the journal anew"
                )
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX)
                try:
                    yield
                finally:
                    fcntl.flock(self._descriptor, fcntl.LOCK_UN)
                return
            except OSError as fault:
                # What is on disk is not known now: only a fresh reading can tell.
                self._failed, why = True, fault.strerror
            raise JournalUnavailable(self._path, why or "can not be written")

    def _read_header(self) -> None:
        if os.pread(self._descriptor, len(HEADER), 0) != HEADER:
            raise JournalDamaged(self._path, 1)

    def _catch_up(self) -> None:
        """Read what other processes wrote since."""
        self._take_until(self._settle())

    def _settle(self) -> int:
        """Make the file end with a whole line that is on disk; return where it ends, in bytes."""
        size = os.fstat(self._descriptor).st_size
        if size < self._end.offset:
            raise JournalDamaged(self._path, self._end.lines)
        if size == self._end.offset:
            return size
        whole = _end_of_last_line(self._descriptor, self._end.offset, size)
        if whole < size:
            # Its writer died inside the write, before it signed anything for this line.
            os.ftruncate(self._descriptor, whole)
        # The writer may have died between write and fsync, or its fsync failed and left pages that pass for written.
        begin = max(self._end.offset, whole - _MOST_UNPROVED)
        _write_again(self._descriptor, _read(self._descriptor, whole - begin, begin), begin)
        os.fsync(self._descriptor)
        return whole

    def _take_until(self, until: int) -> None:
        for signed, end in self._blocks(self._end, until):
            for entry in signed:
                self._history.add(entry)
            self._end = end

    def _blocks(self, end: _End, until: int) -> Iterator[tuple[list[SignedEntry], _End]]:
        """Yield what the lines say, a block at a time, and where the block ends."""
        while end.offset < until:
            data = self._read(min(_BLOCK, until - end.offset), end.offset)
            lines = data.split(b"\n")[:-1]
            signed, chain = [], end.chain
            for line in lines:
                read = journal_line.read(line, after=chain)
                if read is None:
                    break
                entry, chain = read
                signed.append(entry)
            if not lines or len(signed) < len(lines):
                raise JournalDamaged(self._path, end.lines + len(signed) + 1)
            end = _End(end.offset + data.rfind(b"\n") + 1, end.lines + len(lines), chain)
            yield signed, end

    def _read(self, length: int, offset: int) -> bytes:
        try:
            return _read(self._descriptor, length, offset)
        except OSError as fault:
            why = fault.strerror
        raise JournalUnavailable(self._path, why or "not readable")

    def _append(self, new: Sequence[SignedEntry]) -> None:
        lines: list[bytes] = []
        chain, length = self._end.chain, 0
        for entry in new:
            line, after = journal_line.write(entry, after=chain)
            if lines and length + len(line) > _MOST_UNPROVED:
                self._prove(lines, chain)
                lines, length = [], 0
            lines.append(line)
            chain, length = after, length + len(line)
        self._prove(lines, chain)
        for entry in new:
            self._history.add(entry)

    def _prove(self, lines: Sequence[bytes], chain: bytes) -> None:
        """Write lines to the end and to the disk; after a failure only ``_settle`` can tell what is there."""
        data = b"".join(lines)
        with around("journal.write"):
            _write(self._descriptor, data)
        with around("journal.fsync"):
            os.fsync(self._descriptor)
        self._end = _End(self._end.offset + len(data), self._end.lines + len(lines), chain)


def _end_of_last_line(descriptor: int, start: int, end: int) -> int:
    """Return the offset behind the last line feed between two offsets; ``start`` if there is none."""
    while end > start:
        begin = max(start, end - _BLOCK)
        place = _read(descriptor, end - begin, begin).rfind(b"\n")
        if place >= 0:
            return begin + place + 1
        end = begin
    return start


def _read(descriptor: int, length: int, offset: int) -> bytes:
    parts = []
    while length and (part := os.pread(descriptor, length, offset)):
        parts.append(part)
        length, offset = length - len(part), offset + len(part)
    return b"".join(parts)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _write_again(descriptor: int, data: bytes, offset: int) -> None:
    """Write bytes over themselves, so that the next ``fsync`` has to bring them to the disk whatever came before."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    # Linux appends with O_APPEND, whatever the offset.
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags & ~os.O_APPEND)
    try:
        while data:
            written = os.pwrite(descriptor, data, offset)
            data, offset = data[written:], offset + written
    finally:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, flags)
