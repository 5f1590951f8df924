"""What a void entry was before its result was set free: its row with the result that the event names."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from uuid import UUID

from registry.audit.entry_rows import Held
from registry.audit.events import Stored
from registry.certificate.abandonment import FREE_RESULT


def freed_by_entry(events: Iterable[Stored]) -> dict[int, UUID]:
    """Return the results that these events set free, by the entry that each had been numbered for."""
    freed: dict[int, UUID] = {}
    for event in events:
        if event.act == FREE_RESULT and event.first_entry is not None:
            with suppress(ValueError):
                freed[event.first_entry] = UUID(str(event.details.get("result")))
    return freed


def with_freed(rows: Iterable[Held], freed: Mapping[int, UUID]) -> list[Held]:
    """Return rows as they were before these results were taken from them; one that has a result keeps it."""
    return [
        row._replace(result_id=freed[row.entry]) if row.result_id is None and row.entry in freed else row
        for row in rows
    ]
