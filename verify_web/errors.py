"""Why the public site refuses to start.

::

    SiteError
    └── RootUnusable    the pinned root can not be read, so nothing could be verified
"""

from pathlib import Path


class SiteError(Exception):
    """The public site can not do its work."""


class RootUnusable(SiteError):
    """The file of the pinned root is missing, or is not one."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"CERTREG_ROOT_FILE: {path} can not be read as a pinned root: {why}")
        self.path = path
