"""JSON that says each thing once: the content of a request, read without guessing (RFC 8259, I-JSON RFC 7493).

Half of a surrogate pair, escaped, is no text (RFC 7493 2.1): no two readers keep it alike, and no database keeps it at
all. Nor does one keep NUL.

For small documents; files of results have a reader of their own.
"""

import json
from typing import Any, ClassVar, NoReturn

from flask import Request
from flask_smorest import Blueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from registry.api.body import content_of, require_identity
from registry.assessment.errors import UnsupportedMediaType

JSON = "application/json"


class StrictParser(FlaskParser):
    """Reads a request; what two readers could take for two things, or what nobody asked for, is refused."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {  # type: ignore[misc]
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        if req.mimetype != JSON:
            raise UnsupportedMediaType(req.mimetype, [JSON])
        require_identity(req, [JSON])
        return strict_json(content_of(req))


class StrictBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint whose ``arguments`` are read by ``StrictParser``."""

    ARGUMENTS_PARSER = StrictParser()


def strict_json(content: bytes) -> Any:
    """Return the document; raise ``BadRequest`` for what two readers could take for two things.

    That is a name twice, NaN, another encoding than UTF-8, endless nesting, half of a surrogate pair or NUL in a text.
    """
    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_number)
        _require_texts(found)
    except (ValueError, RecursionError):
        raise BadRequest from None
    return found


def _require_texts(found: Any) -> None:
    if isinstance(found, str):
        if "\0" in found or any("\ud800" <= character <= "\udfff" for character in found):
            raise ValueError("no text")
    elif isinstance(found, list):
        for each in found:
            _require_texts(each)
    elif isinstance(found, dict):
        for name, each in found.items():
            _require_texts(name)
            _require_texts(each)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
