"""Refusals of the publication room.

RegistryError
├── LookupUnavailable   no trust bundle verifies, so no answer can be vouched for
└── EntriesMissing      the register's entries are not exactly 1..N
"""

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


class LookupUnavailable(RegistryError):
    """No published trust bundle verifies, so the look-up can vouch for no answer."""

    def __init__(self) -> None:
        super().__init__("there is no trust bundle that verifies; publish one with `certreg publish`")
