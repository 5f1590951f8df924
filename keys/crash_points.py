"""Named points of the issuing path at which a test can make the worst happen.

Each point stands where a crash means something of its own: between two things that must both be durable, or
just after one of them. Unarmed, a point is one look at an empty table. Points are armed by tests and drills
alone: nothing is armed in ``production``, and nothing here reads the environment (the program's edge does,
and hands the text to ``arm_from``).

A point trips once, at the hit that was asked for, and is unarmed then, so that what comes after it can be
seen. Armed points hold for this process; a process started later has none.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from types import MappingProxyType
from typing import Final

from keys.errors import CrashPointRefused

PRODUCTION: Final = "production"
MAX_HANG_SECONDS: Final = 60.0

POINTS: Final[Mapping[str, str]] = MappingProxyType({
    "submit.before_commit": "a submission is written, nothing of it is durable",
    "submit.committed": "a submission is durable, its sender does not know it yet",
    "decide.before_commit": "a decision is written, nothing of it is durable",
    "number.before_commit": "numbers, entries and bytes are written, nothing of them is durable",
    "number.committed": "numbers and the bytes to be signed are durable, no key was used",
    "sign.before_journal": "the bytes were read and checked, the signer's journal does not know them",
    "journal.write": "the journal's lines are made, none is written",
    "journal.fsync": "the journal's lines are written, not durable",
    "sign.journalled": "the journal's lines are durable, no key was used",
    "sign.signed": "the key was used, nobody got the signatures",
    "sign.assembled": "the register has the tokens, and has not stored them",
    "sign.before_commit": "the tokens are written, nothing of them is durable",
    "sign.stored": "the tokens are durable, the certificates not released",
    "release.before_commit": "the release is written, nothing of it is durable",
    "release.committed": "the release is durable, not published",
    "sequence.before_commit": "events have place and hash, nothing of it is durable",
    "sequence.committed": "place and hash of the events are durable",
    "ceremony.pending": "what a ceremony made is durable as one file, nothing of it is in its place",
    "ceremony.file": "around the putting of each file that a ceremony made into its place",
    "publish.file": "around the writing of each public file",
    "publish.done": "all public files are written, those that nobody needs any more are still there",
    "publish.deltas": "around the writing of the status file's deltas, before the status file",
    "void.before_commit": "a voided number is written, nothing of it is durable",
    "revoke.before_commit": "a revocation is written, nothing of it is durable",
    "ceremony.begun": "what the ceremony is to do is durable, nothing of it is done",
    "ceremony.before_commit": "the register's part is written, nothing of it is durable",
    "ceremony.register": "the key numbers nothing more, the trust bundle does not know it",
    "ceremony.key_made": "the next key is in the store, the trust bundle does not know it",
    "ceremony.trust": "around the keeping of the new trust bundle",
    "ceremony.recorded": "the register knows the new trust bundle, the public does not",
    "ceremony.published": "the new trust bundle is public, the ceremony still counts as unfinished",
    "witness.before_store": "a head is cosigned, the witness's state does not know it, and nobody got the lines",
    "witness.stored": "the witness's state knows the head, nobody got the lines",
    "backup.chunk": "a chunk of the backup is written, the manifest does not name it",
    "backup.manifest": "all chunks are written, the manifest is not",
    "restore.loaded": "the backup is loaded beside the register, nothing is replaced",
    "restore.before_swap": "the restored register is checked, nothing is replaced",
})  # fmt: skip


class CrashMode(StrEnum):
    """What happens at a point."""

    KILL = "kill"
    """The process kills itself with SIGKILL: no handler, no flush."""
    ERROR = "error"
    """An error is raised in the place of what comes next."""
    DONE = "done"
    """An error is raised although the act was done; at a point without an act it is the same as ``ERROR``."""
    HANG = "hang"
    """The process sleeps, then goes on."""


@dataclass(slots=True)
class _Charge:
    """What waits at a point; ``hits_left`` counts down to the hit that trips it."""

    mode: CrashMode
    hits_left: int
    error: Exception
    hang_seconds: float


_armed: dict[str, _Charge] = {}
_lock = Lock()
_NOTHING: Final = nullcontext()


def reach(name: str) -> None:
    """Say that a point is reached; goes on at once unless a test has armed it."""
    if _armed:
        _trip(name, _take(name))


def around(name: str) -> AbstractContextManager[None]:
    """Hold a point around an act: ``ERROR`` comes in its place, ``DONE`` after it."""
    return _around(name) if _armed else _NOTHING


def arm(
    name: str,
    mode: CrashMode,
    *,
    environment: str,
    on_hit: int = 1,
    error: Exception | None = None,
    hang_seconds: float = 30.0,
) -> None:
    """Arm a point for its ``on_hit``-th hit from now on; an armed point is armed anew.

    ``error`` is what the modes ``ERROR`` and ``DONE`` raise, ``None`` an ``OSError`` (EIO). Raises
    ``CrashPointRefused`` in ``production``, for a name that is not in ``POINTS``, a hit below 1, or a hang
    that is not above 0 and at most ``MAX_HANG_SECONDS``.
    """
    if environment == PRODUCTION:
        raise CrashPointRefused(name, "crash points are for tests, never in production")
    _require_known(name)
    if on_hit < 1:
        raise CrashPointRefused(name, "the hit that trips it counts from 1")
    if not 0 < hang_seconds <= MAX_HANG_SECONDS:
        raise CrashPointRefused(name, f"a hang lasts at most {MAX_HANG_SECONDS:g} seconds")
    fault = OSError(errno.EIO, f"crash point {name}") if error is None else error
    with _lock:
        _armed[name] = _Charge(mode, on_hit, fault, hang_seconds)


def arm_from(text: str, *, environment: str) -> None:
    """Arm what a text says: ``NAME:MODE`` or ``NAME:MODE:HIT``, several of them parted by commas.

    Raises ``CrashPointRefused``; an empty text arms nothing, also in ``production``.
    """
    for part in filter(None, text.split(",")):
        name, _, rest = part.partition(":")
        mode, _, hit = rest.partition(":")
        if mode not in set(CrashMode):
            raise CrashPointRefused(name, f"the mode is one of {', '.join(CrashMode)}")
        if hit and not (hit.isascii() and hit.isdecimal()):
            raise CrashPointRefused(name, "the hit is a number")
        arm(name, CrashMode(mode), on_hit=int(hit or 1), environment=environment)


def disarm() -> None:
    """Unarm every point."""
    with _lock:
        _armed.clear()


@contextmanager
def _around(name: str) -> Iterator[None]:
    charge = _take(name)
    if charge is None or charge.mode is not CrashMode.DONE:
        _trip(name, charge)
        charge = None
    yield
    _trip(name, charge)


def _take(name: str) -> _Charge | None:
    """Count a hit; return the charge if this is the one that trips it."""
    _require_known(name)
    with _lock:
        charge = _armed.get(name)
        if charge is None:
            return None
        charge.hits_left -= 1
        return _armed.pop(name) if charge.hits_left == 0 else None


def _trip(name: str, charge: _Charge | None) -> None:
    if charge is None:
        return
    match charge.mode:
        case CrashMode.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case CrashMode.HANG:
            time.sleep(charge.hang_seconds)
        case CrashMode.ERROR | CrashMode.DONE:
            raise charge.error


def _require_known(name: str) -> None:
    if name not in POINTS:
        raise CrashPointRefused(name, "there is no crash point of this name")
