"""Which role of a distribution supplies which file (formats.md §12, steps 6 and 7).

TUF lets a role speak for whatever its delegation allows. Here each file has one role, and a distribution in
which another role could supply it, or tries to, is refused rather than read around.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from signing.errors import DistributionRefused, Refusal

KEYS: Final = "trust/keys.cbor"
NAMES: Final = "trust/names.cbor"
STATUS: Final = "status/status.cbor"

SUPPLIERS: Final = {KEYS: "targets", NAMES: "names", STATUS: "status"}


def require_delegations(targets: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the paths of each delegated role, if each file has exactly its own role.

    ``targets`` is the signed content of the top-level targets. Raises ``wrong_delegation``.
    """
    roles = targets["delegations"]["roles"] if "delegations" in targets else []
    paths = {role["name"]: role["paths"] for role in roles}
    for path, supplier in SUPPLIERS.items():
        listed = path in targets["targets"]
        first = next((name for name, patterns in paths.items() if _allows(patterns, path)), "targets")
        if first != supplier or listed != (supplier == "targets"):
            raise DistributionRefused(Refusal.WRONG_DELEGATION, path)
    return paths


def require_within(targets: Mapping[str, Any], patterns: list[str], file: str) -> None:
    """Raise ``wrong_delegation`` if a delegated role lists a file that its delegation does not allow."""
    if not all(_allows(patterns, path) for path in targets["targets"]):
        raise DistributionRefused(Refusal.WRONG_DELEGATION, file)


def _allows(patterns: list[str], path: str) -> bool:
    """Say whether a path fits one of the patterns, in which ``*`` stands for anything but a slash."""
    parts = path.split("/")
    return any(
        len(parts) == len(pattern.split("/")) and all(map(fnmatchcase, parts, pattern.split("/")))
        for pattern in patterns
    )
