"""The whole schema, gathered from the rooms.

Every room with tables keeps them in ``tables.py``; they are found there, not listed here, so that none
can be forgotten. Only migrations and checks of the whole need this; a room imports the tables it uses.
"""

import importlib
import pkgutil

from sqlalchemy import MetaData

import registry
from registry.database.metadata import Base


def metadata() -> MetaData:
    """Return the metadata with the tables of all rooms in it."""
    for room in pkgutil.iter_modules(registry.__path__, prefix=f"{registry.__name__}."):
        if room.ispkg and "tables" in _modules(room.name):
            importlib.import_module(f"{room.name}.tables")
    return Base.metadata


def _modules(room: str) -> set[str]:
    package = importlib.import_module(room)
    return {module.name for module in pkgutil.iter_modules(package.__path__)}
