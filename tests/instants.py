"""The moments that tests talk about."""

from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=SHANGHAI)
NOON_UTC = NOON.astimezone(UTC)
THAT_DAY = date(2026, 11, 20)
