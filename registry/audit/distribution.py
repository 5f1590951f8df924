"""The metadata around the public files: a client must come from it to what the keys have."""

from pathlib import Path

from keys.distribution.tree_review import tree_faults
from keys.errors import KeysError
from keys.kept_trust import offline_part
from keys.trust_home import TrustHome
from registry.publication.public_files import public_names, read_public_file
from signing.errors import SigningError


def has_distribution(home: TrustHome) -> bool:
    """Say whether the keys have metadata; a trust bundle alone has none around it."""
    return bool(home.kept().root_files)


def distribution_faults(home: TrustHome, public_dir: Path) -> tuple[tuple[str, str], ...]:
    """Return what is wrong, by the names of files in the tree; the caller keeps publishers out meanwhile.

    Nothing if what the keys have does not hold itself: that is found elsewhere.
    """
    kept = home.kept()
    try:
        part = offline_part(kept, home.pinned, shown=0)
        links = kept.every_root(home.pinned.environment)
    except (KeysError, SigningError) as refusal:
        return (("tuf", f"what the keys have does not hold: {refusal}"),)
    names = public_names(public_dir)
    return tuple(tree_faults(names, lambda name: read_public_file(public_dir, name), part, links))
