"""A small register with everybody in it: bodies, reviewers, a registrar, their keys, and the signer of an epoch.

It walks the road with the register's own functions only, so that a test begins where its question begins.
"""

import itertools
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.evidenced_signer import EvidencedSigner
from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from keys.trust_changes import open_epochs
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.tables import Result
from registry.certificate import numbering
from registry.certificate.issuance import number_approved
from registry.certificate.numbering import Scope
from registry.certificate.opening import open_series, sign_opening
from registry.certificate.release import release_signed
from registry.certificate.signature import sign_numbered
from registry.certificate.tables import Certificate, Entry
from registry.database.metadata import Base
from registry.database.sessions import Sessions
from registry.directory.loading import load_directory
from registry.directory.profiles import load_profiles
from registry.directory.reading import shipped_directory
from registry.directory.values import DirectoryData
from registry.intake.id_checks import compute_id_checks
from registry.intake.submission import HandedIn, PersonalKeys, Receipt, claim_for, submit
from registry.jurisdiction.rules import jurisdictions
from registry.people.accounts import Purpose, create_account, enrol_key
from registry.people.body_keys import revoke_key
from registry.people.permission import NATIONAL, Actor, Role
from registry.people.roster import roster_entries
from registry.personal_data import Matcher, Sealer
from registry.review.decision import Recorded, prepare_decision, record_decision
from signing.cose import Kind
from signing.evidence import Step
from signing.roster import Roster
from signing.statement import Level
from signing.trust import KeyEntry, TrustKeys
from tests.instants import NOON, THAT_DAY
from tests.registry.assessment import submissions

ENVIRONMENT = "test"
SALT = bytes(range(16))
PROFILE = load_profiles().issuing
LAST_ON = date(2027, 5, 31)
FIRST_DAY = THAT_DAY - timedelta(days=7)
IN_THREE_YEARS = date(2029, 11, 30)
LATEST = NOON + timedelta(days=4000)
REGISTRAR = "登记员"

BODY, OTHER_BODY = "S0002", "S0003"
SITES = {BODY: "000002", OTHER_BODY: "000003"}
PROVINCE, OTHER_PROVINCE = "21", "33"
ROLES = {
    Step.PROVINCE: (Role.PROVINCE_REVIEWER, f"CN-{PROVINCE}"),
    Step.CENTRE: (Role.CENTRE_REVIEWER, NATIONAL),
    Step.OFFICE: (Role.OFFICE_REVIEWER, NATIONAL),
}


@dataclass(frozen=True)
class Holder:
    """A person or a system of a body, with the key it signs with."""

    actor: Actor
    key: HolderKey


def private_key(name: str) -> Ed25519PrivateKey:
    """Return the key of this name, the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


def holder_key(name: str) -> HolderKey:
    """Return the opened key of a person, kept in memory alone."""
    return HolderKey(private_key(name))


def opening(scope: Scope, *, key: HolderKey | None = None, now: datetime = NOON) -> bytes:
    """Return the registrar's signed opening of a series; ``key`` may be another's."""
    return sign_opening(key or holder_key(REGISTRAR), PROFILE, scope, environment=ENVIRONMENT, now=now)


def small_directory() -> DirectoryData:
    """Return the shipped directory, cut down to two bodies that assess the same."""
    shipped, bodies = shipped_directory(), (BODY, OTHER_BODY)
    own = tuple(listing for listing in shipped.listings if listing.issuer == BODY)
    assessed = {listing.occupation for listing in own}
    return DirectoryData(
        occupations=tuple(named for named in shipped.occupations if named.occupation in assessed),
        directions=tuple(found for found in shipped.directions if found.occupation in assessed),
        bodies=tuple(body for body in shipped.bodies if body.issuer in bodies),
        sites=tuple(site for site in shipped.sites if site.issuer in bodies),
        listings=(*own, *(replace(listing, issuer=OTHER_BODY) for listing in own)),
    )


@dataclass(frozen=True)
class Cast:
    """Everybody who is there from the beginning."""

    registrar: Actor
    bodies: Mapping[str, Holder]
    reviewers: Mapping[Step, Holder]


def found(session: Session) -> Cast:
    """Load the directory, appoint everybody, open the series of both bodies in 2026."""
    load_directory(session, now=NOON, data=small_directory())
    registrar = enrolled_holder(session, REGISTRAR, {(Role.REGISTRAR, NATIONAL)}, Purpose.SERIES).actor
    for issuer in SITES:
        for level in Level:
            scope = Scope(issuer, PROVINCE, SITES[issuer], 2026, level)
            open_series(session, registrar, PROFILE, opening(scope), environment=ENVIRONMENT, now=NOON)
    return Cast(
        registrar,
        {
            issuer: enrolled_holder(session, issuer, {(Role.SUBMITTER, issuer)}, Purpose.SUBMISSION)
            for issuer in SITES
        },
        {step: enrolled_holder(session, step, {role}, Purpose.DECISION) for step, role in ROLES.items()},
    )


def enrolled_holder(session: Session, name: str, roles: set[tuple[Role, str]], purpose: Purpose) -> Holder:
    """Create an account with these roles and enrol the key of its name."""
    actor, key = create_account(session, name, roles, now=NOON), holder_key(name)
    days = {"valid_from_on": FIRST_DAY, "valid_to_on": IN_THREE_YEARS}
    enrol_key(session, actor, key.public, purpose, **days, now=NOON)
    return Holder(actor, key)


# The rows that founding writes, kept from the first time: each test needs them, and writing them is the quick part.
_founded: list[tuple[Cast, list[tuple[Table, list[dict[str, Any]]]]]] = []


def found_or_copy(session: Session) -> Cast:
    """Found a register, or write what the first one was founded with."""
    if not _founded:
        cast = found(session)
        session.flush()
        # The heads of the journal's chain and of the public log come with the migrations.
        heads = ("journal_head", "log_head")
        written = [table for table in Base.metadata.sorted_tables if table.name not in heads]
        tables = [(table, _rows(session, table)) for table in written]
        _founded.append((cast, [(table, rows) for table, rows in tables if rows]))
        return cast
    cast, tables = _founded[0]
    for table, rows in tables:
        session.execute(table.insert(), rows)
    return cast


def _rows(session: Session, table: Table) -> list[dict[str, Any]]:
    # An event's id is left to the database, which counts them.
    columns = [column for column in table.columns if (table.name, column.name) != ("event", "id")]
    query = select(*columns).order_by(*table.primary_key.columns)
    return [dict(row) for row in session.execute(query).mappings()]


class World:
    """One register, its people and its keys; each method is an act, or a look at what became of it."""

    def __init__(self, sessions: Sessions, folder: Path) -> None:
        """Found the register: directory, accounts, keys, series of both bodies in 2026. No epoch yet."""
        self.sessions = sessions
        self.personal = PersonalKeys(Sealer(secrets.token_bytes(32)), Matcher(secrets.token_bytes(32)))
        self.journal = SignerJournal.create(folder / "signer" / "journal.txt")
        self.trust = TrustKeys(
            environment=ENVIRONMENT,
            version=1,
            made_at=NOON,
            expires_at=NOON + timedelta(days=365),
            salt=SALT,
            keys={},
            profiles={PROFILE.code: PROFILE.layout},
            tombstones={},
            honest={},
        )
        self._persons = itertools.count(1)
        cast = sessions.run(found_or_copy)
        self.registrar, self.bodies, self.reviewers = cast.registrar, cast.bodies, cast.reviewers

    # People and keys.

    def account(self, name: str, *roles: tuple[Role, str]) -> Actor:
        """Create an account with these roles."""
        return self.sessions.run(lambda session: create_account(session, name, set(roles), now=NOON))

    def holder(self, name: str, *roles: tuple[Role, str], purpose: Purpose | None = None) -> Holder:
        """Create an account and enrol the key of its name: for submissions if it submits, else for decisions."""
        submits = any(role is Role.SUBMITTER for role, _ in roles)
        purpose = purpose or (Purpose.SUBMISSION if submits else Purpose.DECISION)
        return self.sessions.run(lambda session: enrolled_holder(session, name, set(roles), purpose))

    def enrol(self, actor: Actor, key: HolderKey, purpose: Purpose, **days: date) -> None:
        """Enrol one more key for an account, from today, unless ``days`` say otherwise."""
        days = {"valid_from_on": THAT_DAY, "valid_to_on": IN_THREE_YEARS, **days}
        self.sessions.run(lambda session: enrol_key(session, actor, key.public, purpose, **days, now=NOON))

    def revoke(self, key_id: bytes, *, now: datetime = NOON) -> None:
        """Revoke a body's key, as the register's operator."""
        self.sessions.run(lambda session: revoke_key(session, self.registrar, key_id, now=now))

    def open_series(self, issuer: str, level: Level, *, year: int = 2026, province: str = PROVINCE) -> str:
        """Open a series; return its key."""
        scope = Scope(issuer, province, SITES[issuer], year, level)
        signed = opening(scope)
        self.sessions.run(
            lambda session: open_series(
                session, self.registrar, PROFILE, signed, environment=ENVIRONMENT, now=NOON
            )
        )
        return scope.key(PROFILE)

    def open_epoch(self, first: int = 1, last: int = 1000, *, last_on: date = LAST_ON) -> bytes:
        """Give a new key the entries first..last, in the trust bundle and in the register; return its id."""
        public = private_key(f"epoch {first}").public_key().public_bytes_raw()
        entry = KeyEntry(str(Kind.CERTIFICATE), public, first, last, last_on)
        self.trust = replace(self.trust, keys={**self.trust.keys, entry.key_id: entry})
        self.sessions.run(
            lambda session: numbering.open_epoch(
                session,
                self.registrar,
                key_id=entry.key_id,
                first_entry=first,
                last_entry=last,
                last_on=last_on,
                now=NOON,
            )
        )
        return entry.key_id

    @property
    def signers(self) -> dict[bytes, EvidencedSigner]:
        """The signers of all epochs, by key id, with the roster as it is now."""
        roster = self.roster
        return {key.key_id: self.signer(key, roster) for key in open_epochs(self.trust)}

    @property
    def roster(self) -> Roster:
        """What two custodians would sign now."""
        return Roster(ENVIRONMENT, 1, NOON, self.sessions.read(roster_entries))

    def signer(self, key: KeyEntry, roster: Roster, *, now: datetime = LATEST) -> EvidencedSigner:
        """Return the signer of one epoch; its clock stands at ``now``."""
        return EvidencedSigner(self.hand(key), self.trust, roster, now=lambda: now)

    def hand(self, key: KeyEntry) -> CertificateSigner:
        """Return what signs whatever it is told to, as long as the journal does not forbid it."""
        signer = FileSigner(private_key(f"epoch {key.first_entry}"), key.public)
        return CertificateSigner(signer, self.journal, self.trust)

    # Handing in.

    def row(self, number: int, **changes: Any) -> dict[str, Any]:
        """Return a row of the form about somebody new."""
        person = next(self._persons)
        fresh = {"name": f"李四{chr(0x4E00 + person)}", "id_number": submissions.resident_id(person)}
        return submissions.row(number, **{**fresh, **changes})

    def rows(self, count: int, **changes: Any) -> list[dict[str, Any]]:
        """Return so many rows about new people."""
        return [self.row(number, **changes) for number in range(1, count + 1)]

    def file(self, *rows: Mapping[str, Any], issuer: str = BODY, **changes: Any) -> bytes:
        """Return a body's JSON file; three new people if no rows are given.

        It says why it is late, which is asked of it on some days and harms nobody on the others.
        """
        head = {"issuer": issuer, "site": SITES[issuer], "province": PROVINCE, "late_reason": "补报"}
        return submissions.as_json(submissions.form(*(rows or self.rows(3)), **{**head, **changes}))

    def signed(
        self, content: bytes, *, issuer: str = BODY, key: HolderKey | None = None, claim: bytes | None = None
    ) -> HandedIn:
        """Return a file with the signature that its body makes over it; ``key`` and ``claim`` may be wrong."""
        honest = claim_for(content, JSON_MEDIA_TYPE, issuer=issuer).to_bytes()
        signature = (key or self.bodies[issuer].key).sign_claim(
            claim or honest, kind=Kind.SUBMISSION, environment=ENVIRONMENT, detached=True
        )
        return HandedIn(content, JSON_MEDIA_TYPE, signature)

    def submit(self, handed_in: HandedIn, *, now: datetime = NOON) -> Receipt:
        """Hand in what is signed."""
        return submit(
            self.sessions, handed_in, self.personal, jurisdictions(), environment=ENVIRONMENT, now=now
        )

    def submitted(
        self, *rows: Mapping[str, Any], issuer: str = BODY, now: datetime = NOON, **changes: Any
    ) -> UUID:
        """Hand in rows; return the submission, which waits for its ID checks."""
        content = self.file(*rows, issuer=issuer, **changes)
        return self.submit(self.signed(content, issuer=issuer), now=now).submission_id

    def checked(self, *rows: Mapping[str, Any], **changes: Any) -> UUID:
        """Hand in rows and compute their ID checks; return the submission, which waits for the province."""
        submission = self.submitted(*rows, **changes)
        self.compute_id_checks(submission)
        return submission

    def compute_id_checks(self, submission: UUID) -> int:
        """Compute what is missing."""
        return compute_id_checks(
            self.sessions,
            self.personal.sealer,
            SALT,
            submission,
            now=NOON,
            progress=lambda count: None,
        )

    # Reviewing.

    def decision(
        self,
        submission: UUID,
        returned: Mapping[int, str] | None = None,
        *,
        key: HolderKey | None = None,
        now: datetime = NOON,
        **changes: Any,
    ) -> bytes:
        """Return a signed decision on the step that is awaited, honest but for the ``changes``."""
        prepared = self.sessions.read(
            lambda session: prepare_decision(session, submission, returned or {}, now=now)
        )
        key = key or self.reviewers[prepared.step].key
        payload = replace(prepared, **changes).to_bytes()
        return key.sign_claim(payload, kind=Kind.DECISION, environment=ENVIRONMENT, detached=False)

    def record(
        self, signed: bytes, reasons: Mapping[int, str] | None = None, *, now: datetime = NOON
    ) -> Recorded:
        """Record a signed decision."""
        return self.sessions.run(
            lambda session: record_decision(session, signed, reasons or {}, environment=ENVIRONMENT, now=now)
        )

    def decide(self, submission: UUID, returned: Mapping[int, str] | None = None) -> Recorded:
        """Decide the awaited step by its own reviewer, returning some rows."""
        return self.record(self.decision(submission, returned), returned)

    def reviewed(self, *rows: Mapping[str, Any], **changes: Any) -> UUID:
        """Hand in rows and confirm them three times; return the submission, which is approved."""
        submission = self.checked(*rows, **changes)
        for _ in Step:
            self.decide(submission)
        return submission

    # Issuing.

    def number(self, submission: UUID, *, now: datetime = NOON) -> int:
        """Number all that waits; return how many."""
        batches = iter(
            lambda: number_approved(
                self.sessions, self.registrar, submission, PROFILE, environment=ENVIRONMENT, now=now
            ),
            0,
        )
        return sum(batches)

    def sign(self, signers: Mapping[bytes, Any] | None = None, *, now: datetime = NOON) -> int:
        """Sign what is numbered, with the world's own signers if none are given."""
        return sign_numbered(
            self.sessions,
            self.registrar,
            signers or self.signers,
            load_profiles(),
            environment=ENVIRONMENT,
            now=now,
        )

    def release(self, *, now: datetime = NOON) -> int:
        """Release what is signed."""
        return release_signed(self.sessions, self.registrar, self.trust, now=now)

    def numbered(self, *rows: Mapping[str, Any], **changes: Any) -> UUID:
        """Go as far as numbers; return the submission."""
        submission = self.reviewed(*rows, **changes)
        self.number(submission)
        return submission

    def issued(self, *rows: Mapping[str, Any], **changes: Any) -> list[str]:
        """Go the whole road; return the numbers, by entry."""
        submission = self.numbered(*rows, **changes)
        self.sign()
        self.release()
        return self.numbers(submission)

    # Looking.

    def entries(self) -> list[Entry]:
        """Return all entries in their order."""
        return self.all(select(Entry).order_by(Entry.entry))

    def entry(self, entry: int) -> Entry:
        """Return one entry as it stands now."""
        return self.sessions.read(lambda session: session.get_one(Entry, entry))

    def statuses(self) -> list[str]:
        """Return the status of every entry, in their order."""
        return [entry.status for entry in self.entries()]

    def numbers(self, submission: UUID) -> list[str]:
        """Return the numbers of a submission's entries, in the order of entries."""
        return self.all(
            select(Certificate.number)
            .join(Entry, Entry.certificate_id == Certificate.id)
            .join(Result, Result.id == Entry.result_id)
            .where(Result.submission_id == submission)
            .order_by(Entry.entry)
        )

    def all(self, query: Any) -> list[Any]:
        """Return the first column of every row."""
        return self.sessions.read(lambda session: list(session.scalars(query)))

    def count(self, *tables: Any) -> tuple[int, ...]:
        """Return how many rows each table has."""
        return tuple(len(self.all(select(table))) for table in tables)

    def tamper(self, *statements: Any) -> None:
        """Change rows behind the register's back."""

        def act(session: Any) -> None:
            for statement in statements:
                session.execute(statement)

        self.sessions.run(act)


def serials(numbers: Iterable[str]) -> list[int]:
    """Return the last field of each number."""
    return [int(PROFILE.layout.parse(number)["serial"]) for number in numbers]
