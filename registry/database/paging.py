"""Pages of a listing that goes on: each begins behind the key of the last item of the one before.

Never by a count of rows: a listing that grows while somebody turns its pages would show things twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and the key of the last of them; ``after`` is ``None`` where nothing follows."""

    items: tuple[Item, ...]
    after: Key | None


def page_of(items: Sequence[Item], *, limit: int, key: Callable[[Item], Key]) -> Page[Item]:
    """Return the page of items that were asked for with a limit of one more than a page has."""
    shown = tuple(items[:limit])
    return Page(shown, key(shown[-1]) if len(items) > limit else None)
