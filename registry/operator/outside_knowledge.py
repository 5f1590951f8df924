"""What a machine knows of the register beside its database: trust bundle, signer's journal, status files."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from keys.durable_files import PUBLIC, make_folder, replace
from keys.signer.journal import SignerJournal
from registry.backup.outside import Outside, Stated
from registry.backup.signed_before import signed_before
from registry.database.sessions import Sessions
from registry.operator.custody import Custody
from registry.publication.public_files import STATUS, TRUST_KEYS, read_public_file
from signing.status import Status, open_status
from signing.trust import TrustKeys, open_trust_keys

BATCH = 1000


def outside_knowledge(
    custody: Custody, *, copies: Sequence[Path], stated: Stated, never_published: bool
) -> Outside:
    """Gather everything; ``copies`` are status files from elsewhere (a mirror, a verifier).

    The trust bundle is verified against the pinned root, every status file against the trust bundle. Raises a
    ``SigningError`` for a file that does not verify, ``JournalDamaged`` for a journal that is not what the signer
    wrote: what can not be believed must be moved away by somebody who knows why.
    """
    trust = _trust(custody)
    found = custody.journal_path.exists()
    return Outside(
        trust=trust,
        signed=custody.journal.entries if found else None,
        status=_newest_status(custody, trust, copies),
        stated=stated,
        never_published=never_published,
    )


def remember_status(custody: Custody, status: Status | None) -> None:
    """Let the next status follow this one, if the last one that was signed here is older or lost."""
    last = custody.status_memory.last()
    if status is not None and (last is None or last.version < status.version):
        make_folder(custody.status_memory.path.parent)
        replace(custody.status_memory.path, status.to_payload(), mode=PUBLIC)


def begin_journal_anew(custody: Custody, sessions: Sessions) -> int:
    """Make a signer's journal where there is none, with all that the register knows was signed; return how many.

    0 and nothing is done if there is one.
    """
    if custody.journal_path.exists():
        return 0
    known = sessions.read(lambda session: list(signed_before(session)))
    journal = SignerJournal.create(custody.journal_path)
    try:
        rest = iter(known)
        while batch := list(islice(rest, BATCH)):
            journal.admit(batch)
    finally:
        journal.close()
    return len(known)


def _trust(custody: Custody) -> TrustKeys | None:
    if not custody.settings.root_file.exists():
        return None
    kept = custody.home.trust_keys()
    public = read_public_file(custody.settings.public_dir, TRUST_KEYS)
    if kept is not None or public is None:
        return kept
    return open_trust_keys(public, custody.root)


def _newest_status(custody: Custody, trust: TrustKeys | None, copies: Sequence[Path]) -> Status | None:
    """Return the status of the highest version among public file, copies, and the last one signed here."""
    files = [path.read_bytes() for path in copies]
    public = read_public_file(custody.settings.public_dir, STATUS)
    if public is not None:
        files.append(public)
    found = [open_status(data, trust) for data in files] if trust is not None else []
    last = custody.status_memory.last()
    if last is not None:
        found.append(last)
    return max(found, key=lambda status: status.version, default=None)
