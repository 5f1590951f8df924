"""``/v``: the page that a QR opens. The browser checks the certificate; this server only hands out the page.

The certificate is in the fragment of the address, which no browser sends. Only where there is no script
does a visitor paste it into a form, and is told that it is then sent.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, request, url_for

from signing.errors import Malformed
from signing.id_check import IdType
from signing.link import token_from_text
from signing.root import Root
from signing.verdict import judge
from verify_web import answer
from verify_web.bundle import BundleReader
from verify_web.language import texts

STATIC = Path(__file__).parent / "static"
PRELOADED = ("verifier", "distribution")


def landing_pages(reader: BundleReader, root: Root, *, now: Callable[[], datetime]) -> Blueprint:
    """Return the pages for one pinned root; ``now`` gives an aware instant."""
    pages = Blueprint("landing", __name__)
    modules = sorted(f"{room}/{file.name}" for room in PRELOADED for file in (STATIC / room).glob("*.js"))

    @pages.get("/v")
    def landing() -> str:
        settings = {
            "root": json.loads(root.to_json()),
            "public": url_for("public.file", name=""),
            "texts": dict(texts().entries),
        }
        return render_template("landing.html", settings=settings, modules=modules, id_types=list(IdType))

    @pages.post("/v/check")
    def check() -> Response:
        try:
            # A pasted text comes with the line breaks and spaces of wherever it was copied from.
            token = token_from_text("".join(request.form.get("address", "").split()))
        except Malformed:
            return make_response(render_template("unreadable.html"), 400)
        bundle = reader.bundle()
        judged = judge(token, bundle.state, now=now())
        return make_response(
            render_template("checked.html", answer=answer.of_judgement(judged, bundle, texts()))
        )

    return pages
