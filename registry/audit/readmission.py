"""What an entry was before its token came back: its row without the columns that the event says it regained."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from registry.audit.entry_rows import Held
from registry.audit.events import READMIT, Stored

# Each word of the detail ``regained``, with the columns that were empty; a token is no part of what is vouched for.
REGAINED: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("certificate_id", "version"),
    "bytes": ("to_be_signed",),
    "result": ("result_id",),
    "token": (),
}


def regained_columns(event: Stored) -> tuple[str, ...] | None:
    """Return the columns that an event ``readmit`` filled; ``None`` if it does not say so in words of ours."""
    words = event.details.get("regained")
    if not isinstance(words, list) or not all(isinstance(word, str) and word in REGAINED for word in words):
        return None
    return tuple(column for word in words for column in REGAINED[word])


def regained_by_entry(events: Iterable[Stored]) -> dict[int, tuple[str, ...]]:
    """Return the columns that these events filled, by the entry that each of them readmitted."""
    return {
        event.first_entry: regained_columns(event) or ()
        for event in events
        if event.act == READMIT and event.first_entry is not None and event.first_entry == event.last_entry
    }


def as_before(rows: Iterable[Held], regained: Mapping[int, tuple[str, ...]]) -> list[Held]:
    """Return rows as they were before these columns of them were filled."""
    return [_without(row, regained.get(row.entry, ())) for row in rows]


def _without(row: Held, columns: tuple[str, ...]) -> Held:
    empty: dict[str, Any] = dict.fromkeys(columns)
    return row._replace(**empty)
