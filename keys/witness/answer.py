"""What the log believes of a witness's answer: lines that are the witness's, and hold for the checkpoint sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final

from keys.errors import WitnessAhead, WitnessRefused, WitnessUnreachable
from keys.witness.protocol import AddCheckpoint, Reply
from keys.witness.state import known_lines
from signing.errors import SigningError
from signing.log.note import Head, Note, NoteKey, read_decimal, read_signatures

MAX_WORDS: Final = 300


def lines_in(reply: Reply, asked: AddCheckpoint, keys: Iterable[NoteKey], *, where: str) -> bytes:
    """Return the signature lines of these keys, all of them verified; raises as ``WitnessLink.cosign``."""
    if reply.status == HTTPStatus.CONFLICT:
        size = _size_in(reply, where)
        if size != asked.old:
            raise WitnessAhead(size)
        raise WitnessRefused(reply.status, f"it saw another tree of {size} leaves")
    if reply.status >= HTTPStatus.BAD_REQUEST:
        raise WitnessRefused(reply.status, _words_in(reply))
    if reply.status != HTTPStatus.OK:
        raise WitnessUnreachable(where, f"it gave no proper answer (status {reply.status})")
    lines = _verified(reply.body, asked.checkpoint, tuple(keys))
    if not lines:
        raise WitnessUnreachable(where, "it gave no cosignature that verifies")
    return lines.encode()


def _verified(body: bytes, checkpoint: bytes, keys: Sequence[NoteKey]) -> str:
    """Return the lines of these keys; none if one of them does not hold. Lines of other keys are passed by."""
    head = Head.parse(Note.parse(checkpoint).text)
    try:
        answer = Note(head.to_text(), read_signatures(body.decode()))
        signed = answer.verified(head, keys)
    except (SigningError, UnicodeDecodeError):
        return ""
    return known_lines(answer, signed)


def _size_in(reply: Reply, where: str) -> int:
    try:
        return read_decimal(reply.body.decode("ascii").removesuffix("\n"))
    except (SigningError, UnicodeDecodeError):
        raise WitnessUnreachable(where, "it gave no proper answer (a conflict with no size)") from None


def _words_in(reply: Reply) -> str:
    """Return what a witness says, as far as it can be shown."""
    words = "".join(each for each in reply.body.decode(errors="replace") if each.isprintable())
    return words[:MAX_WORDS] or "without a word"
