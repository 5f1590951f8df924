"""Refusals of the journal room.

RegistryError
├── ChainWithoutHead   the row that says where the journal's chain ends is missing
└── RegisterOutdated   this register is an older copy of itself, and must not go on
"""

from registry.errors import RegistryError


class ChainWithoutHead(RegistryError):
    """The row that says where the journal's chain ends is missing: nobody may begin another chain."""

    def __init__(self) -> None:
        super().__init__("the journal has no head; restore the register from a backup")


class RegisterOutdated(RegistryError):
    """Others know more of this register's past than it does. ``why`` is what the public log found, for an operator."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this register only reads, suspends, revokes and distrusts: {why}")
        self.why = why
