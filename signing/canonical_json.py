"""Strict JSON, and the canonical form that TUF signs (OLPC canonical JSON, TUF specification §4.2.1).

Our subset: objects, arrays, texts, integers, ``true``, ``false`` and ``null``. No floats, no member twice, no
surrogates, no integer beyond 2^53 - 1, at most 16 levels: two readers must never see two things in the same
bytes. The canonical form has sorted members and no white space, and of a text escapes nothing but ``"`` and
``\\``; so it is not always JSON, and is only ever signed, never read.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from signing.errors import Malformed

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 16


def decode(data: bytes) -> Any:
    """Read UTF-8 JSON of our subset, white space allowed; ``Malformed`` for anything else."""
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    _require_subset(value, MAX_DEPTH)
    return value


def encode(value: Any) -> bytes:
    """Return the canonical form of a value of our subset; ``Malformed`` for another value."""
    _require_subset(value, MAX_DEPTH)
    return _text(value).encode()


def _text(value: Any) -> str:
    if type(value) is str:
        return _quoted(value)
    if type(value) is list:
        return f"[{','.join(map(_text, value))}]"
    if type(value) is dict:
        # Python orders texts by code points, which is also the order of their UTF-8.
        return f"{{{','.join(f'{_quoted(name)}:{_text(value[name])}' for name in sorted(value))}}}"
    return json.dumps(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _require_subset(value: Any, depth: int) -> None:
    if value is None or type(value) is bool:
        return
    if type(value) is int:
        if abs(value) > MAX_INTEGER:
            raise Malformed("integer too large")
    elif type(value) is str:
        _require_utf8(value)
    elif type(value) in (list, dict):
        if depth == 0:
            raise Malformed("too many levels")
        for name in value if type(value) is dict else ():
            _require_utf8(name)
        for item in value.values() if type(value) is dict else value:
            _require_subset(item, depth - 1)
    else:
        raise Malformed("a value that is not in use")


def _require_utf8(text: Any) -> None:
    if type(text) is not str:
        raise Malformed("a name that is no text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed("text with a surrogate") from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise Malformed("a member twice")
    return content


def _refuse(_: str) -> Any:
    raise Malformed("a number that is not an integer")
