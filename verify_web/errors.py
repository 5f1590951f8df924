"""Why the public site refuses to start.

::

    SiteError
    ├── RootUnusable    the pinned root can not be read, so nothing could be verified
    └── AgesUnusable    how old a status may be is set to what no verifier should take
"""

from pathlib import Path


class SiteError(Exception):
    """The public site can not do its work."""


class RootUnusable(SiteError):
    """The file of the pinned root is missing, or is not one."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"CERTREG_ROOT_FILE: {path} can not be read as a pinned root: {why}")
        self.path = path


class AgesUnusable(SiteError):
    """The ages of a status, from which a note is given and beyond which nothing is told, are no policy."""

    def __init__(self) -> None:
        super().__init__(
            "CERTREG_STATUS_NOTE_AGE_DAYS, CERTREG_STATUS_MAX_AGE_DAYS: write whole days, the first at least 1, the "
            "second not below it and at most 365, or leave them out"
        )
