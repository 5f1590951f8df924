"""The witness itself: it cosigns what goes on from the last tree it saw, and nothing else (C2SP ``tlog-witness``).

The order is the safety. The new head is durable before its cosignature leaves, and between the look at the last head
and the keeping of the next nobody else looks: else a slower request would roll the witness back, and a tree that
denies the first could be cosigned too.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from keys.crash_points import reach
from keys.errors import HeadLost
from keys.note_keys import NoteKeys, NoteSigner
from keys.sealing import Seal, Secret
from keys.witness.evidence import contradicts
from keys.witness.protocol import AddCheckpoint, Reply
from keys.witness.state import KEYS, LogKeys, WitnessState, known_lines, note_of
from signing.errors import BadSignature, FormatError, InadmissibleKey
from signing.log.note import Head, Note
from signing.merkle import verify_consistency


class Witness(Secret):
    """The folder of a witness, with its opened keys."""

    __slots__ = ("_keys", "state")

    def __init__(self, state: WitnessState, keys: NoteKeys) -> None:
        self.state: Final = state
        self._keys: Final = keys

    @classmethod
    def create(cls, folder: Path, name: str, seal: Seal) -> Witness:
        """Make a witness that trusts no log yet; raises what ``NoteKeys.create`` raises, ``KeyExists`` among it."""
        keys = NoteKeys.create(folder / KEYS, NoteSigner.WITNESS, name, seal)
        return cls(WitnessState(folder, keys.keys), keys)

    @classmethod
    def open(cls, folder: Path, seal: Seal) -> Witness:
        """Open a witness, which must be there; raises ``KeyUnavailable`` or one of its kinds."""
        return cls(WitnessState.open(folder), NoteKeys.open(folder / KEYS, NoteSigner.WITNESS, seal))

    @property
    def name(self) -> str:
        """The witness's name."""
        return self._keys.name

    def add_checkpoint(self, body: bytes, *, now: datetime) -> Reply:
        """Return the answer to a request, whatever it is; what it cosigns is on disk when this returns.

        Raises a ``KeysError`` or ``OSError`` if keys or state are out of order; nothing left the witness then.
        """
        # 1. Is it a request, and a checkpoint as our logs write them?
        try:
            request = AddCheckpoint.parse(body)
            note = Note.parse(request.checkpoint)
            head = Head.parse(note.text)
        except FormatError as fault:
            return Reply.refused(HTTPStatus.BAD_REQUEST, str(fault))
        # 2. Of a log that is trusted?
        log = self.state.log(head.origin)
        if log is None:
            return Reply.refused(HTTPStatus.NOT_FOUND, "this witness trusts no log of this origin")
        # 3. Signed by it?
        if not _is_signed(note, head, log):
            return Reply.refused(HTTPStatus.FORBIDDEN, "the log did not sign this checkpoint")
        # 4. Does the tree grow?
        if request.old > head.size:
            return Reply.refused(HTTPStatus.BAD_REQUEST, "the old size is above that of the checkpoint")
        with self.state.locked():
            return self._judged(request, head, known_lines(note, log), log, now)

    def _judged(
        self, request: AddCheckpoint, head: Head, log_lines: str, log: LogKeys, now: datetime
    ) -> Reply:
        # 5. Is it known what was seen last?
        try:
            seen = self.state.seen(log)
        except HeadLost as lost:
            return Reply.refused(HTTPStatus.SERVICE_UNAVAILABLE, str(lost))
        # 6. Two trees of one size: no honest log signs both. 7. Does the log know what was seen last?
        if contradicts(head, seen.head):
            notes = {head: note_of(head, log_lines)} | ({seen.head: seen.data} if seen.data else {})
            self.state.evidence(head.origin).keep(notes)
            return Reply.conflict(seen.head.size)
        if request.old != seen.head.size:
            return Reply.conflict(seen.head.size)
        # 8. Does the tree go on from the one seen last?
        if not verify_consistency(seen.head.size, head.size, seen.head.root, head.root, request.proof):
            return Reply.refused(
                HTTPStatus.UNPROCESSABLE_ENTITY, "the proof does not show that the tree only grew"
            )
        # 9. Times go on, as trees do.
        stamp = int(now.timestamp())
        if stamp < seen.stamp:
            return Reply.refused(HTTPStatus.SERVICE_UNAVAILABLE, "this witness's clock went back")
        return self._cosigned(head, log_lines, stamp)

    def _cosigned(self, head: Head, log_lines: str, stamp: int) -> Reply:
        lines = self._keys.sign(head, stamp=stamp)
        reach("witness.before_store")
        self.state.keep(head, log_lines + lines)
        # From here on no older tree, and no other one, gets a cosignature; whoever was not answered asks again.
        reach("witness.stored")
        return Reply.cosigned(lines)

    def __repr__(self) -> str:
        return f"<Witness {self.name}>"


def _is_signed(note: Note, head: Head, log: LogKeys) -> bool:
    """Tell whether the log signed the head: one of its lines is there, and all that are there hold."""
    try:
        return bool(note.verified(head, log))
    except (BadSignature, InadmissibleKey):
        return False
