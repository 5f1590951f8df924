"""Checkpoints, and whose word makes one believed: the log's own, and that of enough witnesses (formats.md §14).

A log's word alone proves nothing to an outsider: it can show each of two readers another tree. A witness signs only
what goes on from the last tree it saw, so a tree that a quorum of witnesses signed is the one that all readers see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from signing import shape
from signing.cbor import Value
from signing.errors import InadmissibleKey, LogRefused, Malformed, SigningError
from signing.log.note import Head, Note, NoteKey, SignatureKind, read_kind

MAX_KEYS: Final = 16

LOG_KINDS: Final = (SignatureKind.LOG_ED25519, SignatureKind.COSIGNATURE_MLDSA44)
WITNESS_KINDS: Final = (SignatureKind.COSIGNATURE_ED25519, SignatureKind.COSIGNATURE_MLDSA44)


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness and its keys; one of its cosignatures is its word."""

    name: str
    keys: tuple[NoteKey, ...]


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """A log that the trust bundle names: who it is, which keys sign for it, and how many witnesses must have.

    ``keys`` has one Ed25519 key at least. A checkpoint of this log is *signed* by the log, and *cosigned* if
    ``quorum`` of its ``witnesses`` signed it too.
    """

    origin: str
    keys: tuple[NoteKey, ...]
    witnesses: tuple[Witness, ...]
    quorum: int

    def __post_init__(self) -> None:
        """Refuse a policy that nothing could meet, that counts one witness twice, or that could not be read back."""
        names = [witness.name for witness in self.witnesses]
        sizes = [len(self.keys), len(names), *(len(witness.keys) for witness in self.witnesses)]
        if not all(1 <= size <= MAX_KEYS for size in sizes):
            raise Malformed(f"a log, its witnesses and each of them have 1 to {MAX_KEYS}")
        if not any(key.kind is SignatureKind.LOG_ED25519 for key in self.keys):
            raise Malformed("a log has an Ed25519 key")
        if any(key.name != self.origin or key.kind not in LOG_KINDS for key in self.keys):
            raise Malformed("a log's keys have its origin for a name")
        if not 1 <= self.quorum <= len(names) or len(set(names)) != len(names) or self.origin in names:
            raise Malformed("a quorum is of witnesses that there are")
        for witness in self.witnesses:
            if any(key.name != witness.name or key.kind not in WITNESS_KINDS for key in witness.keys):
                raise Malformed("a witness's keys have its name")
        keys = [*self.keys, *(key for witness in self.witnesses for key in witness.keys)]
        if len({key.public for key in keys}) != len(keys):
            # An Ed25519 cosignature does not say whose it is.
            raise Malformed("one key twice: of two witnesses, of log and witness, or of one of them")
        if len({(key.name, key.key_id) for key in keys}) != len(keys):
            raise Malformed("two keys that no line could tell apart")

    def to_value(self) -> Value:
        """Return the policy as an item of ``trust-keys``."""
        keys: list[Value] = [_key_value(key) for key in self.keys]
        witnesses: list[Value] = [
            [shape.text(witness.name), [_key_value(key) for key in witness.keys]]
            for witness in self.witnesses
        ]
        return [shape.text(self.origin), keys, witnesses, shape.integer(self.quorum, 1)]

    @classmethod
    def from_value(cls, value: Value) -> Self:
        """Read an item of ``trust-keys``; ``Malformed`` or ``InadmissibleKey``."""
        origin, keys, witnesses, quorum = shape.array(value, 4, 4)
        name = shape.text(origin)
        read = []
        for item in shape.array(witnesses, 1, MAX_KEYS):
            of, its_keys = shape.array(item, 2, 2)
            read.append(Witness(shape.text(of), _read_keys(its_keys, shape.text(of))))
        return cls(name, _read_keys(keys, name), tuple(read), shape.integer(quorum, 1, MAX_KEYS))

    def open(self, data: bytes) -> "Checkpoint":
        """Return a checkpoint of this log if the log signed it.

        Raises ``LogRefused``: of another origin, not signed, or with a line of a known key that does not hold.
        """
        try:
            note = Note.parse(data)
            head = Head.parse(note.text)
            if head.origin != self.origin:
                raise LogRefused(f"a checkpoint of {head.origin}, not of {self.origin}")
            signed = note.verified(head, self.keys)
            if not any(key.kind is SignatureKind.LOG_ED25519 for key in signed):
                raise LogRefused("the log did not sign the checkpoint")
            seen = {witness.name: note.verified(head, witness.keys) for witness in self.witnesses}
        except (Malformed, InadmissibleKey) as fault:
            raise LogRefused(f"no checkpoint: {fault}") from None
        except LogRefused:
            raise
        except SigningError:
            raise LogRefused("a signature of the checkpoint does not hold") from None
        times = {name: max(stamps.values()) for name, stamps in seen.items() if stamps}
        return Checkpoint(head, times, len(times) >= self.quorum, data)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that its log signed.

    ``cosigned_at`` has, by name, the witnesses that signed it and when, in seconds since 1970 (0 from one that does not
    say); ``is_cosigned`` says whether they are enough. ``data`` are the bytes of the note.
    """

    head: Head
    cosigned_at: Mapping[str, int]
    is_cosigned: bool
    data: bytes


def _key_value(key: NoteKey) -> Value:
    return [int(key.kind), key.public]


def _read_keys(value: Value, name: str) -> tuple[NoteKey, ...]:
    found = []
    for item in shape.array(value, 1, MAX_KEYS):
        kind, public = shape.array(item, 2, 2)
        found.append(NoteKey(name, read_kind(shape.integer(kind)), shape.content(public)))
    return tuple(found)
