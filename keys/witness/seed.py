"""A witness that lost what it last saw of a log is told it anew, by its operator, from two mirrors.

Two copies of the log's checkpoint that say the same, fetched from two places that do not get their files from each
other: one alone could be the old tree, or the other one, that somebody would like to have cosigned again.
"""

from __future__ import annotations

from keys.errors import HeadLost, SeedRefused
from keys.witness.evidence import contradicts
from keys.witness.state import LogKeys, WitnessState, known_lines
from signing.errors import SigningError
from signing.log.note import Head, Note


def seed(state: WitnessState, origin: str, first: bytes, second: bytes) -> Head:
    """Take the head that both checkpoints (the notes' bytes) state for the last one seen; durable when this returns.

    Raises ``SeedRefused`` unless the log is trusted, signed both, they say the same, and its head is lost or there was
    none yet: what a witness knows is not overwritten.
    """
    with state.locked():
        log = state.log(origin)
        if log is None:
            raise SeedRefused(origin, "this witness trusts no log of this origin")
        _require_lost(state, log)
        notes = {_opened(data, log): data for data in (first, second)}
        heads = list(notes)
        if len(heads) == 2 and contradicts(*heads):
            state.evidence(origin).keep(notes)
            raise SeedRefused(origin, "the log signed two trees of this size; both were kept as evidence")
        if len(heads) == 2:
            sizes = " and ".join(str(head.size) for head in heads)
            raise SeedRefused(origin, f"the checkpoints are of {sizes} leaves; fetch both anew")
        (head,) = heads
        # Without the witness's own line: a clock that was ahead once would keep it from signing until then.
        state.keep(head, known_lines(Note.parse(first), log))
    return head


def _require_lost(state: WitnessState, log: LogKeys) -> None:
    try:
        seen = state.seen(log)
    except HeadLost:
        return
    if seen.data:
        raise SeedRefused(seen.head.origin, f"nothing is lost: it last saw {seen.head.size} leaves")


def _opened(data: bytes, log: LogKeys) -> Head:
    """Return the head of a checkpoint that the log signed."""
    origin = log[0].name
    try:
        note = Note.parse(data)
        head = Head.parse(note.text)
        signed = note.verified(head, log)
    except SigningError as fault:
        raise SeedRefused(origin, f"a checkpoint can not be believed ({fault})") from None
    if head.origin != origin or not signed:
        raise SeedRefused(origin, "a checkpoint is not of this log")
    return head
