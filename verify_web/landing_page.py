"""``/v``: the page that a QR opens. The browser checks the certificate; this server only hands out the page.

The certificate is in the fragment of the address, which no browser sends. Only where there is no script
does a visitor paste it into a form, and is told that it is then sent.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, request, url_for

from registry.publication.errors import LookupUnavailable
from registry.publication.lookup import Lookup
from registry.publication.records import PublicRecord
from signing.errors import Malformed
from signing.freshness import Freshness
from signing.id_check import IdType
from signing.link import token_from_text
from signing.number import shown
from signing.root import Root
from signing.verdict import Judgement, Verdict, judge
from verify_web import answer
from verify_web.bundle import Bundle, BundleReader
from verify_web.language import texts

TOLD = (Verdict.REVOKED, Verdict.SUSPENDED)
"""Of these the register tells since when and why; the status file does not."""

STATIC = Path(__file__).parent / "static"
PRELOADED = ("verifier", "distribution")


def landing_pages(
    reader: BundleReader,
    root: Root,
    freshness: Freshness,
    *,
    lookup: Lookup | None,
    now: Callable[[], datetime],
) -> Blueprint:
    """Return the pages for one pinned root and one policy; ``now`` gives an aware instant.

    ``lookup`` is asked since when and why a certificate is revoked or suspended; without one the pages do not say it.
    """
    pages = Blueprint("landing", __name__)
    # No browser verifies ML-DSA-44, and its keys are larger than all else that the page is given.
    pinned = json.loads(replace(root, mldsa=None).to_json())
    modules = sorted(f"{room}/{file.name}" for room in PRELOADED for file in (STATIC / room).glob("*.js"))

    @pages.get("/v")
    def landing() -> str:
        settings = {
            "root": pinned,
            "public": url_for("public.file", name=""),
            "freshness": [freshness.note_days, freshness.max_days],
            "texts": dict(texts().entries),
        }
        return render_template(
            "landing.html", settings=settings, modules=modules, id_types=list(IdType), asks=lookup is not None
        )

    @pages.post("/v/check")
    def check() -> Response:
        try:
            # A pasted text comes with the line breaks and spaces of wherever it was copied from.
            token = token_from_text("".join(request.form.get("address", "").split()))
        except Malformed:
            return make_response(render_template("unreadable.html"), 400)
        bundle = reader.bundle()
        judged = judge(token, bundle.state, now=now(), freshness=freshness)
        record = _record(lookup, judged, bundle)
        told = answer.of_judgement(judged, bundle, texts(), freshness=freshness, record=record)
        return make_response(render_template("checked.html", answer=told))

    return pages


def _record(lookup: Lookup | None, judged: Judgement, bundle: Bundle) -> PublicRecord | None:
    """Return what the register has of a certificate that is out of force, if it says the same of it as the status."""
    if lookup is None or judged.statement is None or judged.verdict not in TOLD or bundle.state.trust is None:
        return None
    number = shown(judged.statement.number, bundle.state.trust.profiles)
    try:
        record = lookup.by_number(number, judged.statement.holder_name)
    except LookupUnavailable:
        return None
    return record if record is not None and record.status == judged.verdict.value else None
