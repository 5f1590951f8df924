"""The public site: look-up at ``/``, QR landing at ``/v``, public files under ``/public/``.

Puts the rooms together and decides nothing. Whatever the site needs is passed in; ``create_app()`` without
arguments reads the settings from the environment, as a WSGI server calls it.
"""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flask import Flask, Response, make_response
from jinja2 import StrictUndefined

from registry.publication.door import open_lookup
from registry.publication.lookup import Lookup
from signing.errors import SigningError
from signing.freshness import Freshness
from signing.root import Root
from verify_web.bundle import BundleReader
from verify_web.errors import RootUnusable
from verify_web.faults import PublicSite, show_faults
from verify_web.headers import send_headers
from verify_web.landing_page import landing_pages
from verify_web.language import speak
from verify_web.lookup_page import lookup_pages
from verify_web.public_files import public_pages
from verify_web.settings import load_site_settings

MOST_BYTES: Final = 32 * 1024
PRODUCTION: Final = "production"


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def create_app(
    lookup: Lookup | None = None,
    *,
    public_dir: Path | None = None,
    root: Root | None = None,
    freshness: Freshness = Freshness(),
    now: Callable[[], datetime] = utc_now,
) -> Flask:
    """Return the public site.

    ``public_dir`` is the folder of the public files, ``root`` the pinned root, and ``freshness`` how old a status may
    be, on the server and on the page; without ``lookup`` the site checks QR codes only. With none of the first three
    the settings are read from the environment; ``TypeError`` for a part of them, which would otherwise be ignored.
    """
    if lookup is None and public_dir is None and root is None:
        return create_app_from_environment(os.environ, now=now)
    if public_dir is None or root is None:
        raise TypeError("the public site needs both public_dir and root")
    app = PublicSite(__name__)
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, MAX_FORM_MEMORY_SIZE=MOST_BYTES, MAX_FORM_PARTS=16)
    app.url_map.merge_slashes = False
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # Whatever is shown in a trial environment says so; its certificates look like real ones.
    app.jinja_env.globals["trial"] = None if root.environment == PRODUCTION else root.environment
    send_headers(app)
    show_faults(app)
    speak(app)
    app.register_blueprint(lookup_pages(lookup))
    app.register_blueprint(
        landing_pages(BundleReader(public_dir, root), root, freshness, lookup=lookup, now=now)
    )
    app.register_blueprint(public_pages(public_dir))
    app.add_url_rule("/healthz", "health", _health)
    return app


def create_app_from_environment(
    environ: Mapping[str, str], *, now: Callable[[], datetime] = utc_now
) -> Flask:
    """Return the public site of the installation that the ``CERTREG_*`` variables describe.

    Raises an error that says what to mend if the register, the look-up's key or the root can not be opened.
    """
    settings = load_site_settings(environ)
    root = _read_root(settings.root_file)
    reader = BundleReader(settings.public_dir, root)
    lookup = open_lookup(
        settings.database_url, settings.lookup_key_file, trust=lambda: reader.bundle().state.trust, now=now
    )
    return create_app(
        lookup, public_dir=settings.public_dir, root=root, freshness=settings.freshness, now=now
    )


def _read_root(path: Path) -> Root:
    try:
        return Root.from_json(path.read_bytes())
    except (OSError, SigningError) as why:
        raise RootUnusable(path, why) from None


def _health() -> Response:
    response = make_response("ok\n")
    response.mimetype = "text/plain"
    return response
