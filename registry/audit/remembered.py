"""What a check without a finding leaves for the next one: how far it came, in one small file beside the keys.

Whoever can write this file can hide what is older from incremental checks, and from them alone: a full check reads
none of it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from keys.durable_files import OWNER_ONLY, make_folder, replace
from registry.audit.errors import CheckStateDamaged

FORMAT = "certreg-check/1"


@dataclass(frozen=True, slots=True)
class Remembered:
    """Up to where all was checked: a place and its hash (hex), the last entry, the signer's journal in bytes.

    Of the public log, its size and root (hex).
    """

    environment: str
    place: int
    hash: str
    last_entry: int
    signer_bytes: int
    log_size: int = 0
    log_root: str = ""


def read_remembered(path: Path) -> Remembered | None:
    """Return what the last check left, ``None`` if there was none. Raises ``CheckStateDamaged``."""
    try:
        content = json.loads(path.read_bytes())
        if content.pop("format") != FORMAT:
            raise CheckStateDamaged(path)
        remembered = Remembered(**content)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise CheckStateDamaged(path) from None
    numbers = (remembered.place, remembered.last_entry, remembered.signer_bytes, remembered.log_size)
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise CheckStateDamaged(path)
    return remembered


def write_remembered(path: Path, remembered: Remembered) -> None:
    """Replace the file; durable when this returns."""
    make_folder(path.parent)
    content = json.dumps({"format": FORMAT, **asdict(remembered)}, indent=1) + "\n"
    replace(path, content.encode(), mode=OWNER_ONLY)
