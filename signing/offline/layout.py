"""Which role of a distribution supplies which file (formats.md §12, steps 6 and 7).

TUF lets a role speak for whatever its delegation allows. Here each file has one role, and a distribution in
which another role could supply it, or tries to, is refused rather than read around.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from signing.errors import DistributionRefused, Refusal

KEYS: Final = "trust/keys.cbor"
NAMES: Final = "trust/names.cbor"
STATUS: Final = "status/status.cbor"

SUPPLIERS: Final = {KEYS: "targets", NAMES: "names", STATUS: "status"}
DELEGATED: Final = ("names", "status")

_PATTERN: Final = re.compile(r"[A-Za-z0-9._/*-]{1,256}")


def require_delegations(targets: Mapping[str, Any], file: str) -> dict[str, list[str]]:
    """Return the paths of each delegated role, if each file has exactly its own role.

    ``targets`` is the signed content of the top-level targets, ``file`` its name for refusals. Raises
    ``wrong_delegation``.
    """
    delegations = targets.get("delegations")
    roles = delegations.get("roles") if type(delegations) is dict else None
    paths = [(role["name"], _paths(role, file)) for role in roles or () if type(role) is dict]
    for path, supplier in SUPPLIERS.items():
        listed = path in targets["targets"]
        first = next((name for name, patterns in paths if _allows(patterns, path)), "targets")
        if first != supplier or listed != (supplier == "targets"):
            raise DistributionRefused(Refusal.WRONG_DELEGATION, path)
    return dict(paths)


def require_within(targets: Mapping[str, Any], patterns: list[str], file: str) -> None:
    """Raise ``wrong_delegation`` if a delegated role lists a file that its delegation does not allow."""
    if not all(_allows(patterns, path) for path in targets["targets"]):
        raise DistributionRefused(Refusal.WRONG_DELEGATION, file)


def _paths(role: Mapping[str, Any], file: str) -> list[str]:
    paths = role.get("paths")
    if type(paths) is not list or not all(type(path) is str and _PATTERN.fullmatch(path) for path in paths):
        raise DistributionRefused(Refusal.WRONG_DELEGATION, file)
    return paths


def _allows(patterns: list[str], path: str) -> bool:
    """Say whether a path fits one of the patterns, in which ``*`` stands for anything but a slash."""
    parts = path.split("/")
    return any(
        len(parts) == len(pattern.split("/")) and all(map(fnmatchcase, parts, pattern.split("/")))
        for pattern in patterns
    )
