"""What a machine knows of the register beside its database: trust bundle, signer's journal, status files, log."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from keys.durable_files import OWNER_ONLY, PUBLIC, make_folder, make_private_folder, replace
from keys.errors import JournalUnavailable, LogMemoryDamaged
from keys.log_memory import LogMemory
from keys.signer.journal import SignerJournal
from registry.backup.outside import Outside, Stated
from registry.backup.raising import Raised
from registry.backup.signed_before import signed_before
from registry.log.files import LogFiles
from registry.log.lost_leaves import KnownLog
from registry.operator.custody import Custody
from registry.operator.errors import StatusUnverifiable
from registry.publication.public_files import STATUS, TRUST_KEYS, read_public_file
from signing.status import Status, open_status
from signing.trust import TrustKeys, open_trust_keys

BATCH = 1000


def outside_knowledge(
    custody: Custody, *, copies: Sequence[Path], stated: Stated, never_published: bool
) -> Outside:
    """Gather everything; ``copies`` are status files from elsewhere (a mirror, a verifier).

    The trust bundle is verified against the pinned root, every status file against the trust bundle. Raises a
    ``SigningError`` for a file that does not verify, ``StatusUnverifiable`` where there is no trust bundle to verify
    one with, ``NotAPlainFile`` for a public file that is none, ``JournalDamaged`` for a journal that is not what the
    signer wrote, and what ``known_log`` raises: what can not be believed must be moved away by somebody who knows why.
    """
    trust = _trust(custody)
    found = custody.journal_path.exists()
    return Outside(
        trust=trust,
        signed=custody.journal.entries if found else None,
        status=_newest_status(custody, trust, copies),
        stated=stated,
        never_published=never_published,
        journal_since=_journal_since(custody.journal_path),
        log=known_log(custody, trust),
    )


def known_log(custody: Custody, trust: TrustKeys | None) -> KnownLog | None:
    """Return what is known of the public log outside the database, ``None`` if the trust bundle names none.

    Raises ``LogMemoryDamaged``, or ``KeyUnavailable`` for a memory that
    can not be read.
    """
    if trust is None or not trust.logs:
        return None
    policy, memory = trust.logs[-1], LogMemory(custody.log_memory_path)
    last = memory.last(policy.keys) if memory.exists else None
    if last is not None and last.origin != policy.origin:
        raise LogMemoryDamaged(memory.path, f"it is of the log {last.origin}")
    return KnownLog(policy, last, [LogFiles(custody.settings.public_dir)])


def remember_status(custody: Custody, status: Status | None) -> None:
    """Let the next status follow this one, if the last one that was signed here is older or lost."""
    last = custody.status_memory.last()
    if status is not None and (last is None or last.version < status.version):
        make_folder(custody.status_memory.path.parent)
        replace(custody.status_memory.path, status.to_payload(), mode=PUBLIC)


def keep_outside(custody: Custody, outside: Outside, session: Session, raised: Raised) -> None:
    """Make durable what a raised register presupposes: its last status and, by an operator's word, the journal.

    Called inside the act, before its commit. A crash in between leaves a register that is still held, or none; all
    this is done again then, and changes nothing.
    """
    remember_status(custody, outside.status)
    if outside.stated.entry:
        complete_journal(custody, session, stated=raised.last)


def complete_journal(custody: Custody, session: Session, *, stated: int) -> int:
    """Let the signer's journal know all that the register knows was signed; make one where there is none.

    Returns how many entries the register knows. First ``stated``, the highest entry by an operator's word, is
    remembered beside the journal: of a database that ends below it, such a journal does not tell all numbers. Raises a
    ``SigningRefused`` if journal and register contradict each other, or ``JournalUnavailable``.
    """
    path = custody.journal_path
    make_private_folder(path.parent)
    since = max(stated, _journal_since(path))
    replace(_since_path(path), f"{since}\n".encode(), mode=OWNER_ONLY)
    if not path.exists():
        SignerJournal.create(path).close()
    known, rest = 0, signed_before(session)
    while batch := list(islice(rest, BATCH)):
        custody.journal.admit(batch)
        known += len(batch)
    return known


def _since_path(journal: Path) -> Path:
    return journal.with_name(f"{journal.name}.stated")


def _journal_since(journal: Path) -> int:
    """Return the entry that was stated when the journal was last made or completed, 0 if it never was."""
    path = _since_path(journal)
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        return 0
    except ValueError:
        text = ""
    if not text.isdecimal():
        raise JournalUnavailable(path, "it should hold a number; move it away only with the journal itself")
    return int(text)


def _trust(custody: Custody) -> TrustKeys | None:
    if not custody.settings.root_file.exists():
        return None
    kept = custody.home.trust_keys()
    if kept is not None:
        return kept
    public = read_public_file(custody.settings.public_dir, TRUST_KEYS)
    return None if public is None else open_trust_keys(public, custody.root)


def _newest_status(custody: Custody, trust: TrustKeys | None, copies: Sequence[Path]) -> Status | None:
    """Return the status of the highest version among public file, copies, and the last one signed here."""
    files = [path.read_bytes() for path in copies]
    public = read_public_file(custody.settings.public_dir, STATUS)
    if public is not None:
        files.append(public)
    if files and trust is None:
        raise StatusUnverifiable(custody.settings.root_file, custody.settings.keys_dir)
    found = [open_status(data, trust) for data in files if trust is not None]
    last = custody.status_memory.last()
    if last is not None:
        found.append(last)
    return max(found, key=lambda status: status.version, default=None)
