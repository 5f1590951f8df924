"""Refusals of the journal room.

RegistryError
└── ChainWithoutHead   the row that says where the journal's chain ends is missing
"""

from registry.errors import RegistryError


class ChainWithoutHead(RegistryError):
    """The row that says where the journal's chain ends is missing: nobody may begin another chain."""

    def __init__(self) -> None:
        super().__init__("the journal has no head; restore the register from a backup")
