"""What a copy of the public files holds, as far as a verdict could rest on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signing.errors import DistributionRefused, Refusal
from signing.offline.answer import BEIJING
from signing.offline.layout import KEYS, NAMES, STATUS
from signing.offline.public_files import PublicFiles, public_state, trusted_names
from signing.root import Root
from signing.root_chain import file_name, newest_root


@dataclass(frozen=True, slots=True)
class Contents:
    """The version of the root and of each file, and when the status was made (aware)."""

    root: int
    keys: int
    names: int
    status: int
    as_of: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the versions and the instant for the JSON answer."""
        return {
            "root": self.root,
            "keys": self.keys,
            "names": self.names,
            "status": self.status,
            "as_of": self.as_of.astimezone(BEIJING).isoformat(),
        }


def contents_of(files: Mapping[str, bytes], pinned: Root) -> Contents:
    """Open files, by their names in ``public/``, as a verdict would; ``unusable_file`` if none could rest on them."""
    root = newest_root(pinned, lambda version: files.get(file_name(version)))
    read = PublicFiles(files.get(KEYS), files.get(NAMES), files.get(STATUS))
    state = public_state(root, read)
    names = trusted_names(state.trust, read)
    if state.trust is None:
        raise DistributionRefused(Refusal.UNUSABLE_FILE, KEYS)
    if state.status is None:
        raise DistributionRefused(Refusal.UNUSABLE_FILE, STATUS)
    if names is None:
        raise DistributionRefused(Refusal.UNUSABLE_FILE, NAMES)
    return Contents(
        root.version, state.trust.version, names.version, state.status.version, state.status.made_at
    )
