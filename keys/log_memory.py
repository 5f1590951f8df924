"""The log's own memory: the last tree it signed, with the leaves that were new in it.

It lies outside the register's database and outside the public files, as the signer's journal does: a database that was
put back from a backup can not make the log sign another history. And it is the stage of the log: what is to be
published is first durable here, leaves and all, so that a crash before the tiles are written loses nothing.

One file, replaced whole; durable when ``grow`` returns. It is made once in a log's life, by a ceremony, and never
in passing: an empty memory would have forgotten what was signed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from keys.durable_files import OWNER_ONLY, make_private_folder, read_private, replace, write_new
from keys.errors import LogMemoryDamaged, LogMemoryMissing, LogMoved
from keys.note_keys import NoteKeys
from signing import cbor, shape
from signing.errors import BadSignature, FormatError, Malformed
from signing.log.note import Head, Note, NoteKey, SignatureKind
from signing.merkle import Frontier, leaf_hash

FORMAT: Final = 1


@dataclass(frozen=True)
class Grown:
    """A tree that the log signed: what came to it last, and the checkpoint without any witness's word.

    ``before`` is the right edge of the tree before (not to be changed), ``at`` when it was signed, in UTC and whole
    seconds.
    """

    origin: str
    at: datetime
    before: Frontier
    leaves: tuple[bytes, ...]
    signatures: str

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self.before.size + len(self.leaves)

    @cached_property
    def after(self) -> Frontier:
        """Its right edge; not to be changed."""
        edge = self.before.copy()
        edge.extend(map(leaf_hash, self.leaves))
        return edge

    @cached_property
    def head(self) -> Head:
        """What its checkpoint says."""
        return Head(self.origin, self.size, self.after.root)

    @property
    def note(self) -> bytes:
        """The checkpoint as the log signed it."""
        return f"{self.head.to_text()}\n{self.signatures}".encode()

    def to_bytes(self) -> bytes:
        """Return the file."""
        return cbor.encode([
            FORMAT, self.origin, shape.seconds(self.at), self.before.size, list(self.before.hashes),
            list(self.leaves), self.signatures,
        ])  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> Grown:
        """Read the file; a ``FormatError`` unless ``to_bytes`` would write it."""
        version, origin, at, size, hashes, leaves, signatures = shape.array(cbor.decode(data), 7, 7)
        shape.integer(version, FORMAT, FORMAT)
        try:
            before = Frontier(shape.integer(size), [shape.octets(each, 32) for each in shape.array(hashes)])
        except ValueError as fault:
            raise Malformed(str(fault)) from None
        return cls(
            origin=shape.text(origin),
            at=shape.instant(at),
            before=before,
            leaves=tuple(map(shape.content, shape.array(leaves))),
            signatures=shape.text(signatures),
        )


class LogMemory:
    """The memory of one log, in one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        """Whether there is one; it is not read."""
        return self.path.exists()

    def create(self, keys: NoteKeys, *, now: datetime) -> Grown:
        """Begin a log with an empty tree; raises ``KeyExists``."""
        make_private_folder(self.path.parent)
        first = _signed(keys, Frontier(), (), now)
        write_new(self.path, first.to_bytes(), mode=OWNER_ONLY)
        return first

    def last(self, keys: Sequence[NoteKey]) -> Grown:
        """Return the last tree, if the log signed it with its Ed25519 key among these.

        Raises ``LogMemoryMissing``, ``LogMemoryDamaged``, or ``KeyUnavailable`` if it can not be read.
        """
        if not self.exists:
            raise LogMemoryMissing(self.path)
        data = read_private(self.path)
        try:
            grown = Grown.from_bytes(data)
            signed = _is_signed(grown, keys)
        except FormatError as fault:
            raise LogMemoryDamaged(self.path, str(fault)) from None
        if not signed:
            raise LogMemoryDamaged(self.path, "the log did not sign it")
        return grown

    def grow(self, last: Grown, leaves: Sequence[bytes], keys: NoteKeys, *, now: datetime) -> Grown:
        """Let the log grow by these leaves: sign the tree, and remember it before anybody learns of it.

        The caller is ``alone``. Raises ``LogMoved`` if ``last`` is not the last tree, or a ``KeysError`` for keys that
        fail.
        """
        if read_private(self.path) != last.to_bytes():
            raise LogMoved(self.path)
        grown = _signed(keys, last.after, tuple(leaves), now)
        replace(self.path, grown.to_bytes(), mode=OWNER_ONLY)
        return grown

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other program of this machine from letting the log grow meanwhile; wait for one that does.

        Raises ``LogMemoryMissing`` without a folder.
        """
        try:
            descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            raise LogMemoryMissing(self.path) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _is_signed(grown: Grown, keys: Sequence[NoteKey]) -> bool:
    """Say whether one of these keys, of plain Ed25519, signed the tree; a ``FormatError`` for what is no note."""
    plain = [key for key in keys if key.kind is SignatureKind.LOG_ED25519]
    try:
        return bool(Note.parse(grown.note).verified(grown.head, plain))
    except BadSignature:
        return False


def _signed(keys: NoteKeys, before: Frontier, leaves: tuple[bytes, ...], now: datetime) -> Grown:
    at = now.replace(microsecond=0)
    unsigned = Grown(keys.name, at, before, leaves, "")
    return Grown(keys.name, at, before, leaves, keys.sign(unsigned.head, stamp=shape.seconds(at)))
