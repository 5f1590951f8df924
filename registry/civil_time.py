"""Civil dates. Instants are stored in UTC; a date of the rules is a date in Asia/Shanghai."""

from datetime import UTC, date, datetime, timedelta, timezone

# China has kept UTC+8 without summer time since 1991, so no time-zone database is needed.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def civil_date(instant: datetime) -> date:
    """Return the date that this instant has in China, the last day there is for the last hours of the year 9999.

    The instant must carry a zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone names no civil date")
    try:
        return instant.astimezone(SHANGHAI).date()
    except OverflowError:
        return date.max


def utc_seconds(instant: datetime) -> int:
    """Return whole seconds since 1970-01-01T00:00Z, as the formats carry them."""
    return int(instant.timestamp())


def from_utc_seconds(seconds: int) -> datetime:
    """Return the instant of so many seconds since 1970-01-01T00:00Z."""
    return datetime.fromtimestamp(seconds, UTC)
