"""``/``: the look-up. Confirms what the visitor already knows; every miss is the same page, byte for byte.

What is typed comes by POST and is in no address, log or cache. The visitor's words are not repeated on a
miss.
"""

from flask import Blueprint, Response, abort, make_response, render_template, request

from registry.publication.errors import LookupUnavailable
from registry.publication.lookup import Lookup
from registry.publication.records import PublicRecord
from signing.id_check import IdType
from verify_web import answer, query
from verify_web.language import texts


def lookup_pages(lookup: Lookup | None) -> Blueprint:
    """Return the pages over the register's door; without one they say that there is no look-up here."""
    pages = Blueprint("lookup", __name__)

    @pages.get("/")
    def form() -> str:
        return _form(lookup is not None)

    @pages.post("/")
    def look_up() -> Response:
        if lookup is None:
            abort(503)
        asked = query.read(request.form)
        if isinstance(asked, query.Faults):
            return make_response(_form(True, asked.keys), 400)
        try:
            records = _records(lookup, asked)
        except LookupUnavailable:
            abort(503)
        as_of = texts().instant(lookup.as_of())
        if not records:
            return make_response(render_template("miss.html", as_of=as_of))
        by_id = isinstance(asked, query.IdQuery)
        answers = [answer.of_record(record, texts(), by_id=by_id) for record in records]
        return make_response(render_template("found.html", answers=answers, as_of=as_of))

    return pages


def _form(available: bool, faults: tuple[str, ...] = ()) -> str:
    by = "id" if request.form.get("by") == "id" else "number"
    return render_template("lookup.html", available=available, faults=faults, by=by, id_types=list(IdType))


def _records(lookup: Lookup, asked: query.NumberQuery | query.IdQuery) -> tuple[PublicRecord, ...]:
    if isinstance(asked, query.IdQuery):
        return lookup.by_id(asked.id_type, asked.id_number, asked.name)
    record = lookup.by_number(asked.number, asked.name)
    return (record,) if record else ()
