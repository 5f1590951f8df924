"""The log's way to a witness: what it asks, and what it believes of the answer.

A witness in the same process and one behind HTTP answer the same bytes, and are believed equally little: signature
lines come out of here only if they are the witness's and hold for the checkpoint that was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Protocol

from keys.errors import KeysError, WitnessUnreachable
from keys.witness.answer import lines_in
from keys.witness.place import ANSWER_SECONDS, WitnessPlace
from keys.witness.protocol import PATH, AddCheckpoint
from keys.witness.witness import Witness
from signing.log.note import NoteKey


class WitnessLink(Protocol):
    """What the log asks for cosignatures."""

    @property
    def name(self) -> str:
        """The witness's name."""

    def cosign(self, old: int, proof: Sequence[bytes], checkpoint: bytes, /) -> bytes:
        """Return the witness's signature lines for a checkpoint (the note's bytes, signed by the log).

        ``old`` is the size of the tree that the witness is believed to have seen last, ``proof`` the consistency proof
        from there. Raises ``WitnessAhead`` with the size that it really saw last, ``WitnessRefused``, or
        ``WitnessUnreachable``. Asking again is lawful always: the same head is cosigned again.
        """


class LocalWitness:
    """A witness in this process. It keeps the log from mistakes, and nobody from the operator of both."""

    def __init__(self, witness: Witness, clock: Callable[[], datetime]) -> None:
        self._witness: Final = witness
        self._clock: Final = clock

    @property
    def name(self) -> str:
        """The witness's name."""
        return self._witness.name

    def cosign(self, old: int, proof: Sequence[bytes], checkpoint: bytes, /) -> bytes:
        """Return the witness's signature lines; see ``WitnessLink``."""
        asked = AddCheckpoint(old, tuple(proof), checkpoint)
        try:
            reply = self._witness.add_checkpoint(asked.to_bytes(), now=self._clock())
        except (KeysError, OSError) as fault:
            raise WitnessUnreachable(self.name, str(fault)) from None
        return lines_in(reply, asked, self._witness.state.keys, where=self.name)


class RemoteWitness:
    """A witness at a URL (C2SP ``tlog-witness``'s submission prefix). ``keys`` are those of one witness."""

    def __init__(self, url: str, keys: Sequence[NoteKey], *, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Connect to nothing yet; ``ValueError`` for a URL that is none of a witness, or keys of several."""
        if len({key.name for key in keys}) != 1:
            raise ValueError("the keys are not those of one witness")
        self._place: Final = WitnessPlace(url, answer_seconds=answer_seconds)
        self._keys: Final = tuple(keys)

    @property
    def name(self) -> str:
        """The witness's name."""
        return self._keys[0].name

    def cosign(self, old: int, proof: Sequence[bytes], checkpoint: bytes, /) -> bytes:
        """Return the witness's signature lines; see ``WitnessLink``."""
        asked = AddCheckpoint(old, tuple(proof), checkpoint)
        reply = self._place.ask("POST", PATH, asked.to_bytes())
        return lines_in(reply, asked, self._keys, where=self._place.url)
