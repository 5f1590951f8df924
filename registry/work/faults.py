"""Which faults a worker outlives, and how they are written down: without any value that a statement carried.

A worker outlives what is not a fault of its own program: a busy or unreachable database, a full disk, a signer that
can not sign, a refusal. It does not go on over damaged files, where every write could make it worse.
"""

import traceback
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from keys.errors import KeysError
from registry.database.errors import DatabaseError, RegisterBusy, StorageDamaged
from registry.database.faults import Fault
from registry.errors import RegistryError
from signing.errors import SigningError

OUTLIVED = (RegistryError, KeysError, SigningError, DBAPIError, OSError)
FORBIDDING = (StorageDamaged,)
OF_THE_DATABASE = (DatabaseError, DBAPIError)
"""After one of these nothing can be written down either."""

LONGEST = 400

MOST_TOLD = 20


def is_out_of_reach(error: BaseException) -> bool:
    """Say whether the database could not be reached at all: no other job could reach it now either."""
    return isinstance(error, RegisterBusy) and error.last == Fault.CONNECTION_LOST


def first_of(texts: Sequence[str]) -> list[str]:
    """Return the first 20 of these texts, and how many others there are: whoever reads them must come to an end."""
    more = len(texts) - MOST_TOLD
    return [*texts[:MOST_TOLD], *([f"and {more} more"] if more > 0 else [])]


def told(error: BaseException) -> str:
    """Return what may be stored and shown of a fault, at most 400 characters on one line.

    Our own refusals hold no personal data. A database's text may quote a row, and the text of a fault that nobody
    foresaw may hold anything, so of these only kind and place are told.
    """
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        text = f"{type(error).__name__} {code or ''}".rstrip()
    elif isinstance(error, OUTLIVED):
        text = f"{type(error).__name__}: {error}"
    else:
        text = f"{type(error).__name__} at {_place(error)}"
    return " ".join(text.split())[:LONGEST]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-3:]))
