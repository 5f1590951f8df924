"""The trust bundle that names the log: from the folder that was given, from the log's own source, or the user's copy.

Wherever it lies, it is believed as far as the pinned root signed it, or a root that it leads to.
"""

from collections.abc import Sequence
from pathlib import Path

from signing.errors import DistributionRefused, Refusal, SigningError
from signing.offline.layout import KEYS
from signing.offline.public_files import MAX_KEYS_BYTES, fetched_root
from signing.offline.source import FolderSource, Source, open_source
from signing.root import Root
from signing.trust import TrustKeys, open_trust_keys


def trusted_keys(pinned: Root, places: Sequence[Source]) -> TrustKeys:
    """Return the trust bundle of the first place that has one.

    Raises ``DistributionRefused``: ``incomplete`` if none has, ``unusable_file`` for one that the root did not sign.
    """
    for place in places:
        data = place.read(KEYS, MAX_KEYS_BYTES)
        if data is None:
            continue
        return _opened(pinned, place, data)
    raise DistributionRefused(Refusal.INCOMPLETE, KEYS)


def places_of(source: Source, public: str | None, copy: Path) -> Sequence[Source]:
    """Return where to look: in ``public`` alone if it was given, else at the log's source, then in the user's copy.

    Raises a ``WrongUse`` for a ``public`` that is neither a folder nor an address.
    """
    if public is not None:
        return [open_source(public, named="--public")]
    return [source, FolderSource(copy)]


def _opened(pinned: Root, place: Source, data: bytes) -> TrustKeys:
    root = fetched_root(pinned, place)
    try:
        return open_trust_keys(data, root)
    except SigningError:
        raise DistributionRefused(Refusal.UNUSABLE_FILE, KEYS) from None
