"""Somebody who may write whatever he wants into the database, and a signer that he can ask by himself.

The signer's roster is the one that custodians signed before he came. He has keys of his own, and everything that the
register has stored; he does not have anybody else's private key.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from keys.errors import SigningRefused
from keys.holder_key import HolderKey
from keys.signer.request import SigningRequest
from registry.assessment.tables import Result
from registry.certificate.line import Line, Workshop
from registry.certificate.tables import Certificate, Entry
from registry.directory.profiles import load_profiles
from registry.people.accounts import Purpose
from registry.people.permission import Role
from registry.people.tables import Account, Appointment, EnrolledKey
from registry.review.rows import StoredResult
from registry.review.tables import SignedDecision
from registry.work.numbering import Numbering
from signing import merkle
from signing.cose import Envelope, Kind
from signing.evidence import Decision, Step
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Level, Occupation, Statement
from signing.token import statement_to_be_signed
from tests.instants import NOON, NOON_UTC, THAT_DAY
from tests.registry.certificate.dossier import Dossier, read_dossier
from tests.registry.world import (
    BODY,
    ENVIRONMENT,
    IN_THREE_YEARS,
    OTHER_BODY,
    PROFILE,
    PROVINCE,
    SITES,
    World,
    holder_key,
)

ATTACKER = "attacker"
HONEST_PEOPLE = 3


def unknown(name: str) -> str:
    """Return how a refusal tells that the roster does not have the key of this name."""
    return f"know.* {holder_key(name).key_id.hex()}"


@dataclass
class Outcome:
    """What a whole run left behind: submissions without numbers, entries without signature or release."""

    unnumbered: Mapping[UUID, Exception]
    refused: Mapping[int, Exception]

    def told(self, words: str) -> int:
        """Return how many entries were refused in these words."""
        return sum(re.search(words, str(why)) is not None for why in self.refused.values())


class Siege:
    """A world whose database somebody else writes into, from the moment this is made."""

    def __init__(self, world: World) -> None:
        self.world = world
        roster = world.roster
        self.signers = {
            key_id: world.signer(key, roster, now=NOON) for key_id, key in world.trust.keys.items()
        }

    @property
    def shop(self) -> Workshop:
        """What a run of the register needs."""
        world = self.world
        return Workshop(
            world.sessions, world.registrar, self.signers, load_profiles(), ENVIRONMENT, world.trust
        )

    @property
    def signer(self) -> Any:
        """The signer of the one epoch."""
        (signer,) = self.signers.values()
        return signer

    def dossier(self, submission: UUID) -> Dossier:
        """Read what is stored about a submission now."""
        return self.world.sessions.read(lambda session: read_dossier(session, submission))

    def run(self) -> Outcome:
        """Number, sign and release all there is, as one run of the register does."""
        world = self.world
        unnumbered: dict[UUID, Exception] = {}
        with Line(self.shop, now=lambda: NOON, progress=lambda _: None) as line:
            numbering = Numbering(world.sessions, line.number)
            while any(list(numbering.turn())):
                unnumbered |= numbering.held_back
            unnumbered |= numbering.held_back
            line.finish_behind()
        refused = line.counts.refused
        # A frame holds rows, and a row holds a person: refusals that are kept hold none.
        assert all(why.__traceback__ is None for why in refused.values())
        return Outcome(unnumbered, refused)

    def honest(self) -> UUID:
        """Let another body's people be approved, as a measure of whether anybody is kept waiting."""
        return self.world.reviewed(*self.world.rows(HONEST_PEOPLE), issuer=OTHER_BODY)

    def request(self, submission: UUID, *, entry: int = 500) -> SigningRequest:
        """Return what the attacker asks for the first row of a submission, made of all that is stored now."""
        own = self.dossier(submission)
        result = next(iter(own.results.values()))
        return own.request(self.statement(result, entry, entry), own.row(result.id))

    def released(self, submission: UUID) -> int:
        """Return how many certificates of a submission are out."""
        query = (
            select(Entry.entry)
            .join(Result, Result.id == Entry.result_id)
            .where(Result.submission_id == submission, Entry.status == "released")
        )
        return len(self.world.all(query))

    def known_to_signer(self) -> set[int]:
        """Return the entries that the signer's journal has."""
        return {signed.entry for signed in self.world.journal.entries()}

    def statement(self, result: StoredResult, entry: int, serial: int, **changes: Any) -> bytes:
        """Compose the bytes of a certificate for a result of ``BODY`` as the register would."""
        level = Level(result.level)
        scope = PROFILE.scope_fields(
            issuer=BODY, province=PROVINCE, site=SITES[BODY], year=THAT_DAY.year, level=level
        )
        statement = Statement(
            entry=entry,
            number=PROFILE.packed(PROFILE.compose(scope, serial=serial)),
            holder_name=result.holder_name,
            id_check=result.id_check or 0,
            occupation=Occupation(result.edition, result.occupation),
            direction=result.direction,
            level=level,
            issued_on=THAT_DAY,
        )
        (key_id,) = self.signers
        return statement_to_be_signed(replace(statement, **changes), key_id=key_id, environment=ENVIRONMENT)

    def write_entry(
        self,
        result: StoredResult,
        to_be_signed: bytes,
        *,
        token: bytes | None = None,
        version: int = 1,
        **changes: Any,
    ) -> int:
        """Write certificate and entry as the register does when it numbers; return the entry."""
        statement = statement_of_signed_bytes(to_be_signed)
        number = PROFILE.layout.unpack(statement.number)
        certificate = changes.pop("certificate_id", None)
        acts: list[Any] = []
        if certificate is None:
            certificate = uuid4()
            series = ":".join([str(PROFILE.code), *list(PROFILE.layout.parse(number).values())[:-1]])
            acts.append(
                insert(Certificate).values(
                    id=certificate,
                    number=number,
                    profile=PROFILE.code,
                    series_key=series,
                    serial=int(PROFILE.layout.parse(number)["serial"]),
                )
            )
        (key_id,) = self.signers
        row = {
            "entry": statement.entry,
            "certificate_id": certificate,
            "version": version,
            "result_id": result.id,
            "key_id": key_id,
            "to_be_signed": to_be_signed,
            "token": token,
            "status": "numbered" if token is None else "signed",
            "numbered_at": NOON_UTC,
            "changed_at": NOON_UTC,
        }
        self.world.tamper(*acts, insert(Entry).values({**row, **changes}))
        return statement.entry

    def refuses(self, *requests: SigningRequest, words: str, error: type[Exception] = SigningRefused) -> None:
        """The signer refuses each of these in these words, and remembers nothing of it."""
        before = self.known_to_signer()
        for request in requests:
            with pytest.raises(error, match=words):
                self.signer.sign_many(request)
        assert self.known_to_signer() == before

    def nobody_waits(self, honest: UUID, attacked: Sequence[UUID] = ()) -> Outcome:
        """Everybody honest has his certificate, of what was attacked nothing is out; return what the run left."""
        outcome = self.run()
        assert self.released(honest) == HONEST_PEOPLE
        assert [self.released(submission) for submission in attacked] == [0] * len(attacked)
        return outcome

    def invent(self, into: UUID, **changes: Any) -> StoredResult:
        """Write a result that nobody handed in into a submission; return it as it is stored."""
        copied = next(iter(self.dossier(into).results))
        (like,) = self.world.all(select(Result).where(Result.id == copied))
        columns = {column.name: getattr(like, column.name) for column in Result.__table__.columns}
        own = {
            "id": uuid4(),
            "row": 900,
            "holder_name": "王五",
            "name_received": "王五",
            "id_match": bytes(32),
        }
        self.world.tamper(insert(Result).values({**columns, **own, **changes}))
        return self.dossier(into).results[own["id"]]

    def forged_decisions(self, submission: UUID) -> dict[Step, bytes]:
        """Return a decision for each step, by the attacker."""
        own = self.dossier(submission)
        rows = [own.row(result) for result in own.results]
        return {step: self.forged_decision(step, submission, rows) for step in Step}

    def forged_decision(
        self, step: Step, submission: UUID, rows: Sequence[bytes], *, name: str = ATTACKER, **changes: Any
    ) -> bytes:
        """Return a decision over these rows that the attacker signs with a key of his own."""
        decision = Decision(
            submission=submission,
            step=step,
            jurisdiction=f"CN-{PROVINCE}" if step is Step.PROVINCE else "CN",
            rows_digest=merkle.tree_hash(rows),
            rows=len(rows),
            returned=(),
            decided_at=NOON_UTC,
        )
        payload = replace(decision, **changes).to_bytes()
        return holder_key(name).sign_claim(
            payload, kind=Kind.DECISION, environment=ENVIRONMENT, detached=False
        )

    def enrol_by_hand(self, name: str, role: Role, scope: str, purpose: Purpose) -> HolderKey:
        """Write an account, its appointment and the key of its name; return the key."""
        key, account = holder_key(name), uuid4()
        self.world.tamper(
            insert(Account).values(id=account, name=name, created_at=NOON_UTC),
            insert(Appointment).values(
                id=uuid4(), account_id=account, role=role, scope=scope, appointed_at=NOON_UTC
            ),
            insert(EnrolledKey).values(
                key_id=key.key_id,
                account_id=account,
                public=key.public,
                purpose=purpose,
                valid_from_on=THAT_DAY,
                valid_to_on=IN_THREE_YEARS,
            ),
        )
        return key

    def write_decision(self, step: Step, submission: UUID, signed: bytes, *, by: UUID, key_id: bytes) -> None:
        """Write a decision's row, whoever signed it."""
        decision = Decision.from_bytes(_payload(signed))
        row = {
            "id": uuid4(),
            "submission_id": submission,
            "step": step,
            "jurisdiction": decision.jurisdiction,
            "rows_digest": decision.rows_digest,
            "rows": decision.rows,
            "decided_at": decision.decided_at,
            "decided_by": by,
            "key_id": key_id,
            "signed": signed,
        }
        self.world.tamper(insert(SignedDecision).values(row))


def _payload(signed: bytes) -> bytes:
    return Envelope.from_bytes(signed).payload or b""
