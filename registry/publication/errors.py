"""Refusals of the publication room.

RegistryError
├── UnknownStatus       a row has a status that is none
├── ReleasedWithoutToken  a row says released, and its token does not verify
├── NoVersionLeft       the public metadata have the last version that there is
├── LookupUnavailable   no trust bundle verifies, so no answer can be vouched for
├── NotPublished        a public file can not be written: its volume is full, read-only or gone
└── EntriesMissing      the register's entries are not exactly 1..N
"""

import errno
from pathlib import Path

from registry.errors import RegistryError


class EntriesMissing(RegistryError):
    """The register's entries are not exactly 1..N: rows were deleted, or the counter was changed."""

    def __init__(self, counted: int, found: int) -> None:
        super().__init__(
            f"the entry counter says {counted}, but {found} entries are stored, or they are not 1..{counted}; "
            "nothing is published until the register is whole again"
        )
        self.counted = counted
        self.found = found


class UnknownStatus(RegistryError):
    """A row of the register has a status that is none: somebody wrote into the database."""

    def __init__(self, entry: int, status: object) -> None:
        super().__init__(
            f"entry {entry} has the status {str(status)[:40]!r}, which is none; no status is signed until the register "
            "is whole again (`certreg check --full`)"
        )
        self.entry = entry


class ReleasedWithoutToken(RegistryError):
    """A row says released, and there is no token of its entry that verifies: somebody wrote into the database."""

    def __init__(self, entry: int) -> None:
        super().__init__(
            f"entry {entry} is released in the register, and has no token that verifies; no status is signed until the "
            "register is whole again (`certreg check --full`)"
        )
        self.entry = entry


class NoVersionLeft(RegistryError):
    """The public metadata have the last version that there is: whoever signed them wants none to follow."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(
            f"{path} has version {version}, after which there is none: the publication key is in other hands. Run "
            "`certreg key rotate-publication`, then this again"
        )
        self.path = path
        self.version = version


class LookupUnavailable(RegistryError):
    """No published trust bundle verifies, so the look-up can vouch for no answer."""

    def __init__(self) -> None:
        super().__init__("there is no trust bundle that verifies; publish one with `certreg publish`")


class NotPublished(RegistryError):
    """A public file can not be written; what was public stays public, whole, and grows old."""

    def __init__(self, path: Path, fault: OSError) -> None:
        full = fault.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = "make room on the volume of CERTREG_PUBLIC_DIR" if full else "see to CERTREG_PUBLIC_DIR"
        super().__init__(
            f"{path} can not be written: {fault.strerror}. What was published before stays as it is; {remedy}, then "
            "publish again: nothing needs repair"
        )
        self.path = path
        self.full = full
