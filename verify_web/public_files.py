"""``/public/``: the public files as they lie on the disk, for everybody, from anywhere.

Plain files in the layout of any static host: in production a web server in front may serve the same folder.
Metadata, trust, status and the log's checkpoint are asked for anew each time (and answered by 304 if nothing changed),
but for those whose name holds their version or their hash, and the log's tiles and bundles: they never change.
"""

import re
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, send_from_directory

MEDIA_TYPES: Final = {".cbor": "application/cbor", ".json": "application/json", ".html": "text/html"}
CHECKPOINT: Final = "log/checkpoint"
ALWAYS_FRESH: Final = ("trust/", "status/", "tuf/", CHECKPOINT)
NEVER_CHANGES: Final = re.compile(
    r"tuf/[0-9]+\.[a-z]+\.json|(trust|status)/[0-9a-f]{64}\.[a-z]+\.cbor|log/tile/.+"
)


def public_pages(public_dir: Path) -> Blueprint:
    """Return the view of one folder; hidden files and whatever lies outside do not exist."""
    pages = Blueprint("public", __name__, url_prefix="/public")
    folder = public_dir.resolve()

    @pages.get("/<path:name>")
    def file(name: str) -> Response:
        _require_inside(folder, name)
        response = send_from_directory(folder, name, mimetype=_media_type(name), etag=True)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["Cache-Control"] = _caching(name)
        return response

    return pages


def _media_type(name: str) -> str | None:
    return "text/plain" if name == CHECKPOINT else MEDIA_TYPES.get(Path(name).suffix)


def _caching(name: str) -> str:
    if NEVER_CHANGES.fullmatch(name):
        return "public, max-age=31536000, immutable"
    return "no-cache" if name.startswith(ALWAYS_FRESH) else "public, max-age=300"


def _require_inside(folder: Path, name: str) -> None:
    parts = name.split("/")
    # An empty part is a slash too many, which the folder would forgive: one file, one address.
    if "\x00" in name or not all(parts) or any(part.startswith(".") for part in parts):
        abort(404)
    # A symbolic link would lead out of the folder although the name does not.
    if not (folder / name).resolve().is_relative_to(folder):
        abort(404)
