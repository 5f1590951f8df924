"""Honest evidence for a signer without a register: rows, three decisions, openings, and the bytes they prove.

Each method is honest unless it is told otherwise, so that a test changes the one thing that it is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from keys.errors import EvidenceRefused, SigningRefused
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.evidenced_signer import EvidencedSigner
from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from keys.signer.request import Evidence, Item, SigningRequest
from signing import merkle
from signing.cose import Kind
from signing.evidence import Decision, Step
from signing.merkle import tree_hash
from signing.roster import Duty, Roster, RosterEntry, in_order
from signing.row import Row
from signing.series import SeriesOpening
from signing.signed_bytes import token_of_signed_bytes
from signing.statement import Level, Occupation, Statement
from signing.token import statement_to_be_signed
from signing.trust import KeyEntry, TrustKeys
from tests.instants import NOON_UTC, THAT_DAY
from tests.vectors.world import DTE, LEGACY, SALT, SeedKey

ENVIRONMENT = "test"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAST_ON = date(2027, 5, 31)
SUBMISSION, OTHER_SUBMISSION = UUID(int=11), UUID(int=12)

ISSUING = SeedKey("issuing")
REVIEWERS = {step: SeedKey(f"reviewer of the {step}") for step in Step}
REGISTRAR = SeedKey("registrar")
STRANGER = SeedKey("stranger")
ELSEWHERE = SeedKey("reviewer of another province")
TWIN = SeedKey("the province's reviewer's other key, for the centre")
BOTH = SeedKey("one key for province and centre")
TOMORROWS = SeedKey("office reviewer from tomorrow on")
YESTERDAYS = SeedKey("office reviewer until yesterday")
REVOKED = SeedKey("office reviewer, revoked")
FORMER_REGISTRAR = SeedKey("registrar until yesterday")

DECIDED_AT = {
    Step.PROVINCE: NOON_UTC - 3 * HOUR,
    Step.CENTRE: NOON_UTC - 2 * HOUR,
    Step.OFFICE: NOON_UTC - HOUR,
}
REVOKED_AT = NOON_UTC - 90 * timedelta(minutes=1)
JURISDICTIONS = {Step.PROVINCE: "CN-21", Step.CENTRE: "CN", Step.OFFICE: "CN"}
PARTS = {"category": "S", "body": "0001", "province": "21", "site": "000001", "year": "26", "level": "3"}


def held(key: SeedKey, person: int, duty: Duty, jurisdiction: str = "CN", **changes: Any) -> RosterEntry:
    """Return a duty that counts from a month ago for three years."""
    days = {"first_on": THAT_DAY - 30 * DAY, "last_on": THAT_DAY + 1000 * DAY, "revoked_at": None}
    return RosterEntry(
        public=key.public,
        person=UUID(int=person),
        duty=duty,
        jurisdiction=jurisdiction,
        **{**days, **changes},
    )


def roster(*more: RosterEntry) -> Roster:
    """Return the roster that two custodians would have signed, with these entries besides."""
    entries = [
        held(REVIEWERS[Step.PROVINCE], 1, Duty.PROVINCE, "CN-21"),
        held(REVIEWERS[Step.CENTRE], 2, Duty.CENTRE),
        held(REVIEWERS[Step.OFFICE], 3, Duty.OFFICE),
        held(REGISTRAR, 4, Duty.SERIES),
        held(ELSEWHERE, 5, Duty.PROVINCE, "CN-33"),
        held(TWIN, 1, Duty.CENTRE),
        held(BOTH, 6, Duty.PROVINCE, "CN-21"),
        held(BOTH, 6, Duty.CENTRE),
        held(TOMORROWS, 7, Duty.OFFICE, first_on=THAT_DAY + DAY),
        held(YESTERDAYS, 8, Duty.OFFICE, last_on=THAT_DAY - DAY),
        held(REVOKED, 9, Duty.OFFICE, revoked_at=REVOKED_AT),
        held(FORMER_REGISTRAR, 10, Duty.SERIES, last_on=THAT_DAY - DAY),
    ]
    return Roster(ENVIRONMENT, 1, NOON_UTC - DAY, in_order([*entries, *more]))


# Admitting a dozen keys is the slow part of a test.
ROSTER = roster()


def trust(*, last_entry: int = 1000) -> TrustKeys:
    """Return a trust bundle with one issuing key."""
    epoch = KeyEntry(str(Kind.CERTIFICATE), ISSUING.public, 1, last_entry, LAST_ON)
    return TrustKeys(
        environment=ENVIRONMENT,
        version=1,
        made_at=NOON_UTC - DAY,
        expires_at=NOON_UTC + 365 * DAY,
        salt=SALT,
        keys={epoch.key_id: epoch},
        profiles={profile.code: profile for profile in (DTE, LEGACY)},
        tombstones={},
        honest={},
    )


def a_row(number: int = 1, **changes: Any) -> Row:
    """Return the row of somebody who passed."""
    ordinary = {
        "blinding": number.to_bytes(16, "big"),
        "submission": SUBMISSION,
        "row": number,
        "issuer": "S0001",
        "site": "000001",
        "province": "21",
        "holder_name": f"张{chr(0x4E00 + number)}",
        "id_check": 100 + number,
        "occupation": Occupation(2, 2021011),
        "direction": 3,
        "level": Level.SENIOR,
        "theory": 855,
        "practice": 600,
        "passed": True,
        "exam_ended_on": THAT_DAY - 10 * DAY,
        "issued_on": None,
        "corrects": None,
        "photo": number.to_bytes(32, "big"),
    }
    return Row(**ordinary | changes)


def some_rows(count: int = 3, **changes: Any) -> list[Row]:
    """Return the rows 1 to ``count``."""
    return [a_row(number, **changes) for number in range(1, count + 1)]


def a_decision(
    step: Step,
    confirmed: Sequence[Row],
    *,
    key: SeedKey | None = None,
    env: str = ENVIRONMENT,
    kind: Kind = Kind.DECISION,
    **changes: Any,
) -> bytes:
    """Return a signed decision that confirms these rows."""
    digested = [row.to_bytes() for row in confirmed]
    decision = Decision(
        submission=SUBMISSION,
        step=step,
        jurisdiction=JURISDICTIONS[step],
        rows_digest=tree_hash(digested),
        rows=len(confirmed),
        returned=(),
        decided_at=DECIDED_AT[step],
    )
    payload = replace(decision, **changes).to_bytes()
    return (key or REVIEWERS[step]).sign1(payload, kind, env)


def hashes(rows: Sequence[Row]) -> bytes:
    """Return the hashes of these rows, joined."""
    return b"".join(merkle.leaf_hash(row.to_bytes()) for row in rows)


def evidence(rows: Sequence[Row], **decisions: bytes) -> Evidence:
    """Return the evidence that all three confirm all of these rows; ``decisions`` replace some, by their step."""
    province, centre, office = (decisions.get(step) or a_decision(step, rows) for step in Step)
    return Evidence((province, centre, office), (hashes(rows), None, None))


def decided(rows: Sequence[Row], **changes: Any) -> Evidence:
    """Return evidence with the same changes to all three decisions."""
    return evidence(rows, **{step: a_decision(step, rows, **changes) for step in Step})


def narrowed(province: Sequence[Row], centre: Sequence[Row], office: Sequence[Row]) -> Evidence:
    """Return evidence whose steps confirm different rows."""
    sets = dict(zip(Step, (province, centre, office), strict=True))
    first, second, third = (a_decision(step, rows) for step, rows in sets.items())
    return Evidence((first, second, third), (hashes(province), hashes(centre), hashes(office)))


def number(serial: int, **changes: str) -> bytes:
    """Return the packed number of this serial in the open series."""
    return DTE.pack(DTE.format({**PARTS, "serial": f"{serial:06d}", **changes}))


def to_be_signed(row: Row, entry: int, **changes: Any) -> bytes:
    """Return the bytes of the certificate that follows from a row; the serial is the entry."""
    statement = Statement(
        entry=entry,
        number=number(entry),
        holder_name=row.holder_name,
        id_check=row.id_check,
        occupation=row.occupation,
        direction=row.direction,
        level=row.level,
        issued_on=row.issued_on or THAT_DAY,
    )
    changed = replace(statement, **changes)
    return statement_to_be_signed(changed, key_id=ISSUING.key_id, environment=ENVIRONMENT)


def an_item(
    row: Row, entry: int | None = None, *, place: int = 0, corrected: bytes | None = None, **changes: Any
) -> Item:
    """Return what is asked for a row; its entry is the row's number unless one is given."""
    bytes_ = to_be_signed(row, entry or row.row, **changes)
    return Item(bytes_, place, row.to_bytes(), corrected)


def an_opening(
    *, key: SeedKey = REGISTRAR, env: str = ENVIRONMENT, kind: Kind = Kind.SERIES, **changes: Any
) -> bytes:
    """Return the signed opening of the series that the rows belong to."""
    opening = SeriesOpening(
        profile=DTE.code,
        parts=tuple(PARTS.items()),
        issuer="S0001",
        site="000001",
        province="21",
        year=2026,
        level=Level.SENIOR,
        opened_at=NOON_UTC - 20 * DAY,
    )
    return key.sign1(replace(opening, **changes).to_bytes(), kind, env)


def a_request(
    rows: Sequence[Row] | None = None,
    *,
    why: Evidence | None = None,
    items: Sequence[Item] | None = None,
    openings: Sequence[bytes] | None = None,
) -> SigningRequest:
    """Return an honest request for certificates of these rows, three if none are given."""
    rows = some_rows() if rows is None else rows
    return SigningRequest(
        [an_item(row) for row in rows] if items is None else items,
        [why or evidence(rows)],
        [an_opening()] if openings is None else openings,
    )


@dataclass(frozen=True)
class SignerRoom:
    """A signer's own machine: its journal, and what custodians and roots gave it."""

    path: Path
    journal: SignerJournal

    @classmethod
    def made_in(cls, folder: Path) -> "SignerRoom":
        """Begin a journal in this folder."""
        path = folder / "signer" / "journal.txt"
        return cls(path, SignerJournal.create(path))

    def signer(
        self, *, now: datetime = NOON_UTC, known: Roster | None = None, journal: SignerJournal | None = None
    ) -> EvidencedSigner:
        """Return the signer; its clock stands at ``now``, and its journal is the room's unless one is given."""
        hand = CertificateSigner(
            FileSigner(ISSUING.private, ISSUING.public), journal or self.journal, trust()
        )
        return EvidencedSigner(hand, trust(), known or ROSTER, now=lambda: now)

    def recorded(self) -> bytes:
        """Return what the journal holds."""
        return self.path.read_bytes()


def unknown(key: SeedKey) -> str:
    """Return how a refusal tells that the roster does not have this key."""
    return f"know.* {key.key_id.hex()}"


def signed(room: SignerRoom, request: SigningRequest, *, now: datetime = NOON_UTC) -> list[bytes]:
    """Return the tokens of a request that must be signed."""
    signatures = room.signer(now=now).sign_many(request)
    return [
        token_of_signed_bytes(item.to_be_signed, signature)
        for item, signature in zip(request.items, signatures, strict=True)
    ]


def refused(
    room: SignerRoom,
    request: SigningRequest,
    words: str,
    *,
    error: type[SigningRefused] = EvidenceRefused,
    now: datetime = NOON_UTC,
) -> None:
    """The whole request is refused in these words, and the journal knows nothing of it."""
    before = room.recorded()
    with pytest.raises(error, match=words):
        room.signer(now=now).sign_many(request)
    assert room.recorded() == before
