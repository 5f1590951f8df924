"""Instants as operators read them: UTC with its Z, the same in every command, in logs and in the journal."""

from datetime import UTC, datetime


def shown_at(instant: datetime) -> str:
    """Return an instant to the second. It must carry a zone."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
