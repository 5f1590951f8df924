"""Files as they come to the drafts: as the content itself, or as the parts of a form."""

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest

from registry.api.body import content_of, require_identity
from registry.assessment.reading import MEDIA_TYPES, media_type_of
from registry.draft.files import ARCHIVE_MEDIA_TYPE
from registry.draft.opening import Sent

FORM = "multipart/form-data"
_UNNAMED = frozenset({"", "application/octet-stream"})


def sent_file(request: Request) -> Sent:
    """Return the request's content as one file of results or corrected rows."""
    require_identity(request, MEDIA_TYPES)
    return Sent(content_of(request), request.mimetype)


def sent_results(request: Request) -> tuple[Sent, Sent | None]:
    """Return the file of results, and the photos if a form brought them too.

    Raises ``BadRequest`` for a form with anything else in it, or with a file twice.
    """
    if request.mimetype != FORM:
        return sent_file(request), None
    require_identity(request, MEDIA_TYPES)
    files = request.files.to_dict(flat=False)
    names = {name: len(found) for name, found in files.items()}
    if request.form or names not in ({"results": 1}, {"results": 1, "photos": 1}):
        raise BadRequest
    (results,) = files["results"]
    photos = files.get("photos")
    archive = None if photos is None else Sent(photos[0].read(), ARCHIVE_MEDIA_TYPE, photos[0].filename)
    return Sent(results.read(), _media_type(results), results.filename), archive


def _media_type(file: FileStorage) -> str:
    """Return what the part says it is, or what its name promises where it says nothing."""
    return media_type_of(file.filename or "") if file.mimetype in _UNNAMED else file.mimetype
