"""Cursors: where a listing goes on, as a text that its reader only hands back.

Base64url of a JSON array: the form's version, the listing it is of, and the key of the last item. It opens nothing:
whoever writes one himself reads the same listing of his own from another place on. It is no secret, and is refused if
it is of another listing or not as we write it.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.api import base64url
from registry.database.paging import Key, Page
from registry.errors import RegistryError

VERSION: Final = 1
MOST_CHARACTERS: Final = 200
MOST: Final = (1 << 62) - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class BadCursor(RegistryError):
    """The cursor is none of this listing, or not as the register wrote it."""

    def __init__(self) -> None:
        super().__init__("cursor 无效或不属于此列表；请原样使用上一页返回的 next，或去掉 cursor 从头开始")


def _instant(value: object) -> datetime:
    return _EPOCH + _whole(value) * _MICROSECOND


def _uuid(value: object) -> UUID:
    if not isinstance(value, str):
        raise ValueError(value)
    found = UUID(value)
    if str(found) != value:
        raise ValueError(value)
    return found


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MOST:
        raise ValueError(value)
    return value


Part = Callable[[object], Any]

# What the key of each listing is made of.
KEYS: Final[dict[str, tuple[Part, ...]]] = {
    "submissions": (_instant, _uuid),
    "rows": (_whole,),
    "certificates": (_whole,),
    "requests": (_instant, _uuid),
    "changes": (_whole, _whole),
    "drafts": (_instant, _uuid),
    "draft_rows": (_whole,),
    "draft_faults": (_whole,),
}


def write_cursor(listing: str, key: Key | None) -> str | None:
    """Return the cursor behind this key; ``None`` where nothing follows."""
    if key is None:
        return None
    text = json.dumps([VERSION, listing, *map(_written, key)], separators=(",", ":"))
    return base64url.encode(text.encode())


def page(listing: str, found: Page[Any]) -> dict[str, Any]:
    """Return a page as it is written, with the cursor of the next."""
    return {"items": found.items, "next": write_cursor(listing, found.after)}


def read_cursor(listing: str, text: str | None) -> Key | None:
    """Return the key that a listing goes on behind, ``None`` for its beginning. Raises ``BadCursor``."""
    if text is None:
        return None
    try:
        version, of, *values = _content(text)
        parts = KEYS[listing]
        if (version, of, len(values)) != (VERSION, listing, len(parts)) or type(version) is not int:
            raise BadCursor
        key = tuple(part(value) for part, value in zip(parts, values, strict=True))
    except (ValueError, OverflowError, RecursionError):
        raise BadCursor from None
    # One text for one place: what is not spelled as we spell it, we did not write.
    if write_cursor(listing, key) != text:
        raise BadCursor
    return key


def _content(text: str) -> Sequence[Any]:
    if len(text) > MOST_CHARACTERS or not text.isascii():
        raise BadCursor
    try:
        content = json.loads(base64url.decode(text))
    except ValueError:
        raise BadCursor from None
    if not isinstance(content, list):
        raise BadCursor
    return content


def _written(value: Any) -> int | str:
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return value if isinstance(value, int) else str(value)
