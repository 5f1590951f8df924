"""What a body sees of the certificates that were given in its name, and the tokens of those in force."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result
from registry.certificate.lifecycle import Status
from registry.certificate.ownership import series_of_body
from registry.certificate.tables import Certificate, Entry
from registry.database.paging import Page, page_of
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.holder.errors import NothingToMake, NotInForce, TokenUnusable
from registry.intake.own_submissions import own
from registry.request.errors import NoSuchCertificate
from signing.errors import KeyDistrusted, SigningError
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Statement
from signing.token import open_token
from signing.trust import TrustKeys

TOKENS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """One version of a certificate. ``row`` and ``submission_id`` are ``None`` where its submission was lost.

    ``issued_on`` is what is signed, ``None`` where a restore knows it no more. ``has_token``: there is one to fetch.
    """

    number: str
    entry: int
    version: int | None
    status: Status
    issued_on: date | None
    submission_id: UUID | None
    row: int | None
    has_token: bool


@dataclass(frozen=True, slots=True)
class OwnToken:
    """The token of a certificate that is in force."""

    number: str
    entry: int
    token: bytes


_COLUMNS: tuple[Any, ...] = (
    Certificate.number,
    Entry.entry,
    Entry.version,
    Entry.status,
    Entry.to_be_signed,
    Result.submission_id,
    Result.row,
    Entry.token.is_not(None),
)


def certificates_of_submission(
    session: Session, issuer: str, submission_id: UUID, *, limit: int, after: int = 0
) -> Page[OwnCertificate]:
    """Return one page of the entries that a body's submission became, by row. Raises ``NoSuchSubmission``."""
    own(session, issuer, submission_id)
    query = (
        select(*_COLUMNS)
        .join(Result, Result.id == Entry.result_id)
        .join(Certificate, Certificate.id == Entry.certificate_id)
        .where(Result.submission_id == submission_id, Result.row > after)
        .order_by(Result.row)
        .limit(limit + 1)
    )
    return page_of(_read(session, query), limit=limit, key=lambda found: (found.row,))


def certificate_of_body(
    session: Session, issuer: str, profiles: Profiles, number: str
) -> tuple[OwnCertificate, ...]:
    """Return the versions of a body's certificate, the newest first. Raises ``NoSuchCertificate``."""
    query = (
        select(*_COLUMNS)
        .join(Certificate, Certificate.id == Entry.certificate_id)
        .outerjoin(Result, Result.id == Entry.result_id)
        .where(Certificate.number == number, series_of_body(Certificate.series_key, issuer, profiles))
        .order_by(Entry.version.desc())
    )
    found = tuple(_read(session, query))
    if not found:
        raise NoSuchCertificate(number)
    return found


def token_of_body(session: Session, issuer: str, profiles: Profiles, number: str) -> OwnToken:
    """Return the token of a body's certificate that is in force.

    Raises ``NoSuchCertificate``, ``NotInForce``, or ``NothingToMake`` for one that a restore brought back without it.
    """
    versions = certificate_of_body(session, issuer, profiles, number)
    released = [version for version in versions if version.status is Status.RELEASED]
    if not released:
        raise NotInForce(number, versions[0].status)
    token = session.scalar(select(Entry.token).where(Entry.entry == released[0].entry))
    if token is None:
        raise NothingToMake(number, has_token=False)
    return OwnToken(number, released[0].entry, token)


def verified(held: OwnToken, trust: TrustKeys) -> Statement:
    """Return what a token says, if it verifies now and is of its number and entry. Raises ``TokenUnusable``."""
    try:
        statement = open_token(held.token, trust)
        number = trust.profiles[statement.number[0]].unpack(statement.number)
    except (SigningError, KeyError) as error:
        raise TokenUnusable(held.number, by_distrust=isinstance(error, KeyDistrusted)) from None
    # An earlier version of a certificate has its number too.
    if (number, statement.entry) != (held.number, held.entry):
        raise TokenUnusable(held.number)
    return statement


def tokens_of_submission(sessions: Sessions, issuer: str, submission_id: UUID) -> Iterator[OwnToken]:
    """Yield the tokens of a body's submission that are in force, by entry, few at a time.

    Whether it is the body's is asked at once, before the first is asked for. Raises ``NoSuchSubmission``.
    """
    sessions.read(lambda session: own(session, issuer, submission_id))
    return _tokens(sessions, submission_id)


def _tokens(sessions: Sessions, submission_id: UUID) -> Iterator[OwnToken]:
    after = 0
    while True:
        page = sessions.read(partial(_some_tokens, submission_id=submission_id, after=after))
        if not page:
            return
        yield from page
        after = page[-1].entry


def _some_tokens(session: Session, submission_id: UUID, after: int) -> list[OwnToken]:
    query = (
        select(Certificate.number, Entry.entry, Entry.token)
        .join(Entry, Entry.certificate_id == Certificate.id)
        .join(Result, Result.id == Entry.result_id)
        .where(
            Result.submission_id == submission_id,
            Entry.status == Status.RELEASED,
            Entry.token.is_not(None),
            Entry.entry > after,
        )
        .order_by(Entry.entry)
        .limit(TOKENS_AT_ONCE)
    )
    return [OwnToken(number, entry, token) for number, entry, token in session.execute(query) if token]


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[OwnCertificate]:
    return [
        OwnCertificate(
            number, entry, version, Status(status), _issued_on(signed), submission, row, bool(token)
        )
        for number, entry, version, status, signed, submission, row, token in session.execute(query)
    ]


def _issued_on(to_be_signed: bytes | None) -> date | None:
    try:
        return None if to_be_signed is None else statement_of_signed_bytes(to_be_signed).issued_on
    except SigningError:
        return None
