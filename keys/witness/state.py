"""What a witness must not forget: which logs it trusts, and the last head that it cosigned of each.

In one folder, its owner's alone: the witness's keys (``witness.age``, ``witness.vkeys``); for each trusted log
``logs/ID.vkeys`` with its public keys and ``logs/ID.head``, ID being a digest of the origin; and ``evidence/``. A head
is a note: the checkpoint with the log's lines and the witness's own, or the words ``nothing seen yet``, so that a new
log is told from a lost head. No head is ever made up: a log that is trusted and has none gets no cosignature.

Not told here: that somebody put an old copy of the whole folder in its place. The log finds out, because it is told a
size smaller than one that this witness signed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from keys.durable_files import PUBLIC, make_folder, replace, require_private_folder, write_new
from keys.errors import HeadLost, KeyExists, KeyFileDamaged
from keys.note_keys import KINDS, NoteSigner, parse_vkeys, read_vkeys, vkeys_text
from keys.witness.evidence import Evidence
from signing.errors import Malformed, SigningError
from signing.log.note import Head, Note, NoteKey
from signing.merkle import root_of_hashes

KEYS: Final = "witness.age"
LOGS: Final = "logs"
EVIDENCE: Final = "evidence"
NOTHING_SEEN: Final = b"nothing seen yet\n"

LogKeys = tuple[NoteKey, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness last saw of a log.

    ``stamp`` is when it cosigned that, in seconds since 1970, 0 if it did not; ``data`` the note's bytes, empty if
    nothing was seen yet.
    """

    head: Head
    stamp: int
    data: bytes

    @classmethod
    def nothing(cls, origin: str) -> Self:
        """Return what is known of a log of which nothing was seen: that it began with the empty tree."""
        return cls(Head(origin, 0, root_of_hashes([])), 0, b"")


class WitnessState:
    """The folder of a witness, without its private keys. ``keys`` are its public ones."""

    def __init__(self, folder: Path, keys: LogKeys) -> None:
        self.folder: Final = folder
        self.keys: Final = keys

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the folder of a witness; ``KeyUnavailable`` or one of its kinds if it is none."""
        keys = read_vkeys(folder / KEYS)
        if tuple(key.kind for key in keys) != KINDS[NoteSigner.WITNESS]:
            raise KeyFileDamaged(folder / KEYS, "the public part beside it is not that of a witness")
        return cls(folder, keys)

    @property
    def name(self) -> str:
        """The witness's name."""
        return self.keys[0].name

    def trust(self, keys: LogKeys) -> None:
        """Trust a log from now on, as one of which nothing was seen yet; durable when this returns.

        A log that is trusted with these keys already is left as it is, and so is a head that is there. Raises
        ``KeyExists`` if it is trusted with other keys, ``Malformed`` if they are not a log's, or this witness's.
        """
        if tuple(key.kind for key in keys) != KINDS[NoteSigner.LOG]:
            raise Malformed("these are not the keys of a log")
        if {key.public for key in keys} & {key.public for key in self.keys}:
            raise Malformed("these are the witness's own keys")
        origin = keys[0].name
        with self.locked():
            if self.log(origin) == keys:
                return
            if self._vkeys(origin).exists():
                raise KeyExists(self._vkeys(origin))
            make_folder(self.folder / LOGS)
            # The head is there before the log is trusted: from then on a head that is missing was lost.
            with suppress(KeyExists):
                write_new(self._head(origin), NOTHING_SEEN, mode=PUBLIC)
            write_new(self._vkeys(origin), vkeys_text(keys).encode(), mode=PUBLIC)

    def log(self, origin: str) -> LogKeys | None:
        """Return the keys of a log, ``None`` if it is not trusted. Raises ``KeyFileDamaged``."""
        path = self._vkeys(origin)
        try:
            text = path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return None
        try:
            keys = parse_vkeys(text)
        except SigningError as fault:
            raise KeyFileDamaged(path, f"is not what was written: {fault}") from None
        if keys[0].name != origin:
            raise KeyFileDamaged(path, f"has the keys of {keys[0].name}")
        return keys

    def logs(self) -> list[str]:
        """Return the origins of the trusted logs. Raises ``KeyFileDamaged``."""
        found = []
        for path in sorted((self.folder / LOGS).glob("*.vkeys")):
            try:
                found.append(parse_vkeys(path.read_bytes().decode(errors="replace"))[0].name)
            except SigningError as fault:
                raise KeyFileDamaged(path, f"is not what was written: {fault}") from None
        return sorted(found)

    def seen(self, log: LogKeys) -> Seen:
        """Return what was last seen of a trusted log, or raise ``HeadLost``."""
        origin = log[0].name
        try:
            data = self._head(origin).read_bytes()
        except FileNotFoundError:
            raise HeadLost(origin, "is missing") from None
        if data == NOTHING_SEEN:
            return Seen.nothing(origin)
        try:
            note = Note.parse(data)
            head = Head.parse(note.text)
            # The witness's own line will do: the log's keys may be others by now.
            signed = note.verified(head, (*log, *self.keys))
        except SigningError as fault:
            raise HeadLost(origin, f"is damaged ({fault})") from None
        if head.origin != origin or not signed:
            raise HeadLost(origin, "is damaged (it is not a checkpoint of this log)")
        return Seen(head, max((signed[key] for key in self.keys if key in signed), default=0), data)

    def keep(self, head: Head, lines: str) -> None:
        """Keep a head, signed with these lines, in the place of the last one; on disk when this returns.

        The caller holds the lock, and has shown that the tree goes on from the last one.
        """
        replace(self._head(head.origin), note_of(head, lines), mode=PUBLIC)

    def evidence(self, origin: str) -> Evidence:
        """Return what there is against a log."""
        return Evidence(self.folder / EVIDENCE / _digest(origin))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against every other thread and process: looking and keeping are one act."""
        require_private_folder(self.folder)
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _vkeys(self, origin: str) -> Path:
        return self.folder / LOGS / f"{_digest(origin)}.vkeys"

    def _head(self, origin: str) -> Path:
        return self.folder / LOGS / f"{_digest(origin)}.head"


def known_lines(note: Note, keys: Iterable[NoteKey]) -> str:
    """Return the signature lines of these keys, one of each; the caller has verified all that there are."""
    by_line = {(key.name, key.key_id): key for key in keys}
    found = {
        key: key.line(line.signature)
        for line in note.signatures
        if (key := by_line.get((line.name, line.key_id))) is not None
    }
    return "".join(found.values())


def note_of(head: Head, lines: str) -> bytes:
    """Return the note of a head with its signature lines."""
    return f"{head.to_text()}\n{lines}".encode()


def _digest(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()[:32]
