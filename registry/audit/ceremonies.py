"""Key ceremonies: every version of the trust files that is in use was made by one that the journal knows."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.events import RESTORE
from registry.audit.evidence import FILE, Evidence
from registry.audit.finding import Finding, Kind
from registry.audit.public_files import Published
from registry.certificate.ceremonies import CeremonyKind, TrustFile, recorded
from registry.journal.tables import Event
from registry.publication.public_files import TRUST_KEYS, TRUST_NAMES
from signing.errors import SigningError
from signing.root import SignedFile
from signing.roster import Roster
from signing.trust import TrustKeys, TrustNames

ROSTER = "keys/signer/roster.cbor"

Read = Callable[[bytes], TrustKeys | TrustNames]
FILES: dict[TrustFile, tuple[str, Read]] = {
    TrustFile.KEYS: (TRUST_KEYS, TrustKeys.from_payload),
    TrustFile.NAMES: (TRUST_NAMES, TrustNames.from_payload),
}


def ceremony_faults(session: Session, published: Published, evidence: Evidence) -> Iterator[Finding]:
    """Yield each trust file whose versions the ceremonies of the journal do not make, or that is not what they made.

    A register that no ceremony founded has no records; one that was restored may lack the last of them. A file that
    does not verify is found elsewhere.
    """
    told = recorded(session)
    if not told or evidence.root is None:
        return
    restored = session.scalar(select(Event.id).where(Event.act == RESTORE).limit(1)) is not None
    for file, (name, read) in FILES.items():
        data = published.kept.get(name)
        if data is None:
            continue
        with suppress(SigningError):
            # Who signed it is asked elsewhere; here it only says its version.
            version = read(SignedFile.from_bytes(data).payload).version
            made = [record for record in told if record.get("file") == file]
            for what in _faults(made, version, data, may_lack=restored):
                yield Finding(Kind.PUBLIC, FILE, f"keys/{name}", what)
    if published.roster is not None:
        yield from _roster_faults(told, published.roster)


def _roster_faults(told: list[dict[str, Any]], path: Path) -> Iterator[Finding]:
    """Yield that the signer's roster is an old copy, or not what was signed; who signed it, the signer asks.

    Written before it is recorded and read here after the record was, so it is never behind by chance. Only the
    signer's own user may be able to read it.
    """
    with suppress(SigningError, FileNotFoundError, PermissionError):
        data = path.read_bytes()
        version = Roster.from_payload(SignedFile.from_bytes(data).payload).version
        digests = {each["version"]: each["sha256"] for each in told if each.get("file") == TrustFile.ROSTER}
        newer = sorted(number for number in digests if number > version)
        if newer:
            what = f"the journal knows version {newer[-1]} of it: this is an old copy"
            yield Finding(Kind.PUBLIC, FILE, ROSTER, what)
        if digests.get(version, sha256(data).hexdigest()) != sha256(data).hexdigest():
            yield Finding(Kind.PUBLIC, FILE, ROSTER, f"version {version} is not what its ceremony made")


def _faults(made: list[dict[str, Any]], version: int, data: bytes, *, may_lack: bool) -> Iterator[str]:
    versions = [record.get("version") for record in made]
    digests = {record.get("version"): record.get("sha256") for record in made}
    if any(record.get("ceremony") not in list(CeremonyKind) for record in made):
        yield "the journal names a ceremony that there is not"
    if len(digests) != len(versions):
        yield "the journal has two ceremonies for one version of it"
    if version in digests and digests[version] != sha256(data).hexdigest():
        yield f"version {version} is not what its ceremony made"
    missing = sorted(set(range(1, version + 1)) - digests.keys())
    if missing and not may_lack:
        yield f"no ceremony made version {missing[0]} of it, as far as the journal knows"
    # The file is read before the journal, so a ceremony of just now may be one ahead.
    ahead = [number for number in versions if not isinstance(number, int) or number > version + 1]
    if ahead:
        yield f"the journal knows version {ahead[0]} of it: this is an old copy of the keys' folder"
