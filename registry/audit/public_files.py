"""The public files: what verifiers trust is what the keys' own copies say, and what the register says.

Read before the register is: what the register did since may differ from the status, and nothing else may. Many hands
may write to the public tree, so what is no plain file there is named, and neither followed nor waited for.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from keys.distribution.spare import is_distributed
from keys.status_file import StatusMemory
from keys.trust_home import TrustHome
from registry.audit.distribution import distribution_faults, has_distribution
from registry.audit.evidence import FILE, Evidence, Places
from registry.audit.finding import Finding, Kind
from registry.audit.public_listing import Listed, listed
from registry.certificate.lifecycle import Status as EntryStatus
from registry.certificate.tables import Entry
from registry.directory.overview import names_for_bundle
from registry.journal.tables import Event
from registry.log.files import is_log_name
from registry.plain_files import NotAPlainFile, shown
from registry.publication.public_files import STATUS, TRUST_KEYS, TRUST_NAMES, read_public_file
from signing.errors import SigningError
from signing.status import Status, open_status
from signing.status_delta import is_delta_name
from signing.trust import TrustKeys
from signing.verdict import CLOCK_TOLERANCE

KNOWN = (TRUST_KEYS, TRUST_NAMES, STATUS)

# Where an entry stands in a status file: its set, by the status that the register gives it.
SETS: dict[str, str] = {
    EntryStatus.NUMBERED: "unreleased",
    EntryStatus.SIGNED: "unreleased",
    EntryStatus.VOID: "voided",
    EntryStatus.REVOKED: "revoked",
    EntryStatus.SUPERSEDED: "superseded",
    EntryStatus.SUSPENDED: "suspended",
    EntryStatus.REINSTATED: "suspended",
}

UNRELEASED = "unreleased"
# What no later act can undo, whatever the events say.
FINAL = frozenset({"voided", "revoked", "superseded"})


@dataclass(frozen=True, slots=True)
class Published:
    """The public files as they were read, ``None`` for one that is not there, and what the keys remember.

    ``unusable`` says of a known file why it could not be read, ``unknown`` is what else lies there.
    ``distribution`` is what is wrong with the metadata around them, by the names of files; ``roster`` is
    where the signer's lies, which is not published.
    """

    public_dir: Path
    files: dict[str, bytes | None]
    unusable: dict[str, str]
    unknown: tuple[Listed, ...]
    distribution: tuple[tuple[str, str], ...]
    kept: dict[str, bytes | None]
    memory: bytes | None
    roster: Path | None = None


def read_published(places: Places, evidence: Evidence) -> Published:
    """Read everything at once, before the register. Raises ``OSError`` if a copy of the keys can not be read."""
    public_dir = places.public_dir
    files: dict[str, bytes | None] = {}
    unusable: dict[str, str] = {}
    for name in KNOWN:
        try:
            files[name] = read_public_file(public_dir, name)
        except NotAPlainFile as refusal:
            files[name], unusable[name] = None, refusal.why
    kept: dict[str, bytes | None] = {}
    faults: tuple[tuple[str, str], ...] = ()
    # A delta is believed by nobody, so its content is nobody's fault.
    unknown = [
        each
        for each in listed(public_dir)
        if each.name not in KNOWN and (each.odd or not is_delta_name(each.name))
    ]
    if evidence.root is not None:
        home = TrustHome(places.trust_folder, evidence.root)
        kept = {TRUST_KEYS: _content(home.keys_path), TRUST_NAMES: _content(home.names_path)}
        if has_distribution(home):
            # What is of the distribution is judged there, whether anybody published it or not.
            unknown = [each for each in unknown if each.odd or not _is_distributed(each.name)]
            faults = distribution_faults(home, public_dir) if any(files.values()) else ()
    if evidence.policy is not None:
        unknown = [each for each in unknown if each.odd or not is_log_name(each.name)]
    memory = _content(StatusMemory(places.status_memory).path)
    return Published(public_dir, files, unusable, tuple(unknown), faults, kept, memory, places.roster)


def _is_distributed(name: str) -> bool:
    return name.startswith("tuf/") or is_distributed(name)


def public_faults(session: Session, published: Published, evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong with the public files; what is missing or not ours, only if anything was ever published."""
    ever = any(published.files.values()) or published.memory is not None
    for name, why in published.unusable.items():
        yield _finding(published, name, f"it {why}")
    for name, data in published.files.items():
        if ever and data is None and name not in published.unusable:
            yield _finding(published, name, "it is not there")
    for each in published.unknown:
        # One that is gone by now was a publisher's, at work just then.
        if (ever or each.odd) and os.path.lexists(published.public_dir / each.name):
            yield _finding(
                published, each.name, f"nobody published it{f'; it is {each.odd}' if each.odd else ''}"
            )
    for name, what in published.distribution:
        yield _finding(published, name, what)
    for name, kept in published.kept.items():
        data = published.files[name]
        if data is not None and data != kept:
            yield _finding(published, name, "it is not the keys' own copy")
    data = published.files[STATUS]
    if data is not None and evidence.trust is not None:
        yield from _status_faults(session, published, data, evidence.trust)
    yield from _name_faults(session, published, evidence)


def _status_faults(
    session: Session, published: Published, data: bytes, trust: TrustKeys
) -> Iterator[Finding]:
    try:
        status = open_status(data, trust)
    except SigningError as refusal:
        yield _finding(published, STATUS, f"it does not verify ({type(refusal).__name__})")
        return
    if published.memory != status.to_payload():
        yield _finding(published, STATUS, "it is not the last status that was signed")
    if status.trust_keys_version > trust.version:
        yield _finding(published, STATUS, "it names a newer trust bundle than the keys have")
    highest = session.scalar(select(func.max(Entry.entry))) or 0
    if status.size > highest:
        what = f"it knows {status.size} entries, and the register {highest}: a stale copy of the register"
        yield _finding(published, STATUS, what)
    for entry, said, is_ in _differences(session, status):
        if entry > highest:
            continue
        what = f"the public status says {said or 'released'}, the register says {is_ or 'released'}"
        yield Finding(Kind.PUBLIC, "entry", str(entry), what)


def _differences(session: Session, status: Status) -> Iterator[tuple[int, str | None, str | None]]:
    """Yield entry, set in the status and set in the register, where they differ and nothing happened since."""
    said = {entry: name for name in set(SETS.values()) for entry in getattr(status, name)}
    not_released = (
        select(Entry.entry, Entry.status).where(Entry.status != EntryStatus.RELEASED).order_by(Entry.entry)
    )
    different: dict[int, tuple[str | None, str | None]] = {}
    for entry, stored in session.execute(not_released, execution_options={"yield_per": 1000}):
        was = said.pop(entry, None)
        if was != SETS.get(stored):
            different[entry] = was, SETS.get(stored)
    different |= {entry: (name, None) for entry, name in said.items()}
    for entry, (was, is_) in sorted(different.items()):
        # What came after the status was made is none of its business.
        lawful = entry > status.size or (
            was not in FINAL
            and (was, is_) != (None, UNRELEASED)
            and _changed_since(session, entry, is_, status)
        )
        if not lawful:
            yield entry, was, is_


def _changed_since(session: Session, entry: int, is_: str | None, status: Status) -> bool:
    """Say whether an event that the status may not have seen led to what the register says of an entry."""
    # An act reads the clock before it begins, so one that the status did not see yet can bear an earlier time.
    since = (
        (Event.at >= status.made_at - CLOCK_TOLERANCE)
        & (Event.first_entry <= entry)
        & (Event.last_entry >= entry)
    )
    led_to = {name for name, set_ in SETS.items() if set_ == is_} or {EntryStatus.RELEASED}
    events = session.scalars(select(Event.details).where(since)).all()
    return any(isinstance(told, dict) and told.get("after") in led_to for told in events)


def _name_faults(session: Session, published: Published, evidence: Evidence) -> Iterator[Finding]:
    """Names in the trust bundle are the directory's; the directory may have newer ones."""
    names = evidence.names
    if names is None:
        return
    for profile in {code for code, _ in names.issuers}:
        found = names_for_bundle(session, profile)
        same = (
            {key: name for key, name in names.issuers.items() if key[0] == profile}.items()
            <= found.issuers.items()
            and names.occupations.items() <= found.occupations.items()
            and names.directions.items() <= found.directions.items()
        )
        if not same:
            yield _finding(published, TRUST_NAMES, "a name in it is not the directory's")


def _finding(published: Published, name: str, what: str) -> Finding:
    return Finding(Kind.PUBLIC, FILE, shown(published.public_dir / name), what)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
