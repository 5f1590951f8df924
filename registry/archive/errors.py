"""What can be wrong with a zip from outside.

RegistryError
└── UnsoundArchive      ``problem`` says what is wrong with it; the room that asked says it to the clerk
"""

from enum import StrEnum

from registry.errors import RegistryError


class Problem(StrEnum):
    """What is wrong with a zip, or with one entry of it."""

    BROKEN = "broken"
    """Not whole, or one that two readers could read in two ways."""
    TOO_MANY = "too_many"
    """More entries, or a longer directory, than was allowed."""
    TOO_MUCH = "too_much"
    """It inflates to more than it says."""
    ENCRYPTED = "encrypted"
    UNSAFE_NAME = "unsafe_name"
    """A name that leads out of the folder it is unpacked in, or that some system reads otherwise."""
    RARE_COMPRESSION = "rare_compression"
    """Neither stored nor deflated."""


class UnsoundArchive(RegistryError):
    """The zip can not be read, or is not safe to open; ``name`` is the entry's as it came, never to be logged."""

    def __init__(self, problem: Problem, name: str = "") -> None:
        super().__init__(f"the archive is unsound: {problem}")
        self.problem = problem
        self.name = name
