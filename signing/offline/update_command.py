"""``certverify update --from URL|DIR``: refresh the copy of the public files that this user keeps.

An edge, like ``command``: the arguments and the folders. What is believed is decided in ``refresh``, which needs
the library ``tuf``; nothing else of ``certverify`` does.
"""

import argparse
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType

from signing.errors import DistributionRefused, Refusal
from signing.offline.arguments import Parser
from signing.offline.errors import UpdatesNotSupported
from signing.offline.kept import Kept
from signing.offline.language import Language
from signing.offline.public_files import data_folder, default_root, read_root
from signing.offline.sentences import HELP
from signing.offline.source import Source, open_source
from signing.offline.updated import Updated
from signing.root import Root

_LIBRARIES = {"tuf", "securesystemslib", "urllib3"}


def parse(arguments: Sequence[str], language: Language) -> argparse.Namespace:
    """Return the options of ``update``; raises ``WrongArguments``."""
    text = {name: told.in_(language) for name, told in HELP.items()}
    parser = Parser("certverify update", text["update"])
    parser.add_argument("--from", dest="source", metavar="URL|DIR", required=True, help=text["from"])
    parser.add_argument("--root", metavar="FILE", type=Path, help=text["root"])
    parser.add_argument("--json", action="store_true", help=text["json"])
    parser.add_argument("--language", choices=[choice.value for choice in Language], help=text["language"])
    parser.add_argument("-h", "--help", action="help", help=text["help"])
    return parser.parse_args(arguments)


def update(options: argparse.Namespace, environment: Mapping[str, str], *, now: datetime) -> Updated:
    """Update this user's copy; ``now`` is aware. Raises a ``WrongUse``.

    What the distribution, or this machine's disk, does not allow is told in what is returned.
    """
    pinned = read_root(options.root or default_root(environment))
    source = open_source(options.source)
    return updated(source, pinned, Kept.of(data_folder(environment), pinned), now=now)


def updated(source: Source, pinned: Root, kept: Kept, *, now: datetime) -> Updated:
    """Update a kept copy, and tell what came of it."""
    room = _room_of_tuf()
    try:
        done = room.refresh(source, pinned, kept, now=now)
    except DistributionRefused as refusal:
        refused = refusal
    except OSError as error:
        refused = DistributionRefused(Refusal.NOT_KEPT, error.strerror or type(error).__name__)
    else:
        return Updated(pinned.environment, done.before, done.after, recovered=done.recovered)
    kept_still = room.contents(kept, pinned)
    return Updated(pinned.environment, kept_still, kept_still, refused=refused)


def _room_of_tuf() -> ModuleType:
    try:
        from signing.offline import refresh
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _LIBRARIES:
            raise UpdatesNotSupported from None
        raise
    return refresh
