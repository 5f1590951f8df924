"""The whole schema, gathered from the rooms.

Every room with tables keeps them in ``tables.py``; they are found there, not listed here, so that none
can be forgotten. Only migrations and checks of the whole need this; a room imports the tables it uses.
"""

import importlib
import pkgutil
from typing import Final

from sqlalchemy import MetaData, Table

import registry
from registry.database.metadata import Base

# How workers and jobs get on, and which requests came, is no evidence: no backup has it, no check asks for it.
OPERATIONAL: Final = frozenset({"idempotency", "job_record", "request_nonce", "worker_record"})

# What bodies are working on is no evidence either, and no check asks for it; but they would have to do it again, so it
# is in every backup.
WORKING: Final = frozenset({"draft", "draft_file", "draft_part", "photo"})


def metadata() -> MetaData:
    """Return the metadata with the tables of all rooms in it."""
    for room in pkgutil.iter_modules(registry.__path__, prefix=f"{registry.__name__}."):
        if room.ispkg and "tables" in _modules(room.name):
            importlib.import_module(f"{room.name}.tables")
    return Base.metadata


def evidence_tables() -> list[Table]:
    """Return the tables that say what is true, each after those that it refers to."""
    return [table for table in kept_tables() if table.name not in WORKING]


def kept_tables() -> list[Table]:
    """Return the tables that a backup keeps, each after those that it refers to: the evidence, and work in hand."""
    return [table for table in metadata().sorted_tables if table.name not in OPERATIONAL]


def _modules(room: str) -> set[str]:
    package = importlib.import_module(room)
    return {module.name for module in pkgutil.iter_modules(package.__path__)}
