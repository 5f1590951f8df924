"""``/v1/drafts``: a body's drafts over HTTP.

Views parse, do one act, and render; what is decided is ``registry.draft``'s. Each module sets its views before the one
door of all of them (``door.drafts``).
"""

from registry.api.drafts import contents, life, looking, photos, templates
from registry.api.drafts.door import drafts

__all__ = ["contents", "drafts", "life", "looking", "photos", "templates"]
