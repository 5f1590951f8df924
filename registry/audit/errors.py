"""Refusals of the audit room.

RegistryError
├── CheckStateDamaged   the file that says what was checked before can not be read
└── ProcessLost         a process of the check ended by itself
"""

from pathlib import Path

from registry.errors import RegistryError


class CheckStateDamaged(RegistryError):
    """The file that says what was checked before can not be read; a full check writes it anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not say what was checked before; run `certreg check --full`")
        self.path = path


class ProcessLost(RegistryError):
    """A process of the check ended by itself: killed, or out of memory. Nothing is known of what it was at."""

    def __init__(self) -> None:
        super().__init__("a process of the check ended by itself; check again, with fewer --processes")
