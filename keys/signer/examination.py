"""Whether bytes may be signed, decided from the evidence that comes with them and from nothing else.

Checked for every item of a request, in this order:

1. The decisions behind it count, and each is over exactly the rows whose hashes are given (``proof``).
2. The row, of either version, is among the rows of all three decisions, and its province is the one whose reviewer
   decided.
3. The result is passed, and the bytes say of holder, ID check, occupation, direction and level what the row says.
4. A correction names the entry that the row corrects, whose signed bytes are those of the journal; number, level and
   date of issue stay. A first certificate corrects nothing; its date is the row's, or lies between the office's
   decision and today; its number lies in a series that an entitled registrar opened for this body, site, province,
   year and level.
5. The number itself names the row's body, whatever the opening of its series says.

That an entry gets no second content, and a number no second entry, is the journal's to say, which is asked
afterwards. Not checked here, because nothing at hand could tell: whether the body handed the row in (its signature is
over its file), whether who handed in is one of the three reviewers, and whether another number was given for the same
row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from keys.errors import EvidenceRefused
from keys.signer.proof import CLOCKS_DIFFER, Confirmed, Knowledge, OpenSeries, confirmed_by, opened_by
from keys.signer.request import SigningRequest
from signing import merkle
from signing.errors import SigningError
from signing.number import issuer_key
from signing.roster import civil_date
from signing.row import Row
from signing.series import series_of
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Statement

SignedDigest = Callable[[int], bytes | None]
"""Gives the SHA-256 of the bytes that were signed for an entry, ``None`` if none were."""


def examine(
    request: SigningRequest, statements: Sequence[Statement], knowledge: Knowledge, signed: SignedDigest
) -> list[int | None]:
    """Return, for each item, the entry that it corrects, ``None`` for a first certificate.

    ``statements`` are what the items' bytes say. Raises ``EvidenceRefused``: nothing of the request may be signed.
    """
    # 1. Which rows did three people confirm, and which series are open?
    confirmed = [confirmed_by(evidence, knowledge) for evidence in request.evidence]
    opened = opened_by(request.openings, knowledge)
    corrected: list[int | None] = []
    for item, statement in zip(request.items, statements, strict=True):
        if item.evidence is None or item.row is None:
            raise EvidenceRefused("no evidence comes with it, and it was not signed before", statement.entry)
        basis = confirmed[item.evidence]
        row = _confirmed_row(item.row, statement, basis)
        if row.corrects is None and item.corrected is None:
            _require_first(row, statement, basis, knowledge)
            _require_series(row, statement, opened, knowledge)
            corrected.append(None)
        else:
            corrected.append(_corrected(row, item.corrected, statement, signed))
        _require_own_number(row, statement, knowledge)
    return corrected


def _confirmed_row(data: bytes, statement: Statement, confirmed: Confirmed) -> Row:
    """Return the row if it is confirmed and the statement says what it says."""
    try:
        row = Row.from_bytes(data)
    except SigningError as error:
        raise EvidenceRefused(f"its row is none: {error}", statement.entry) from None
    # 2. Is it the row that all three confirmed?
    hashed = merkle.leaf_hash(data)
    everywhere = row.submission == confirmed.submission and all(hashed in rows for rows in confirmed.rows)
    _require(everywhere, "its row is not confirmed", statement)
    _require(confirmed.jurisdiction == f"CN-{row.province}", "another province decided", statement)
    # 3. Is the result passed, and does the certificate say what the row says?
    _require(row.passed, "its result is not passed", statement)
    said = (
        statement.holder_name,
        statement.id_check,
        statement.occupation,
        statement.direction,
        statement.level,
    )
    confirms = row.holder_name, row.id_check, row.occupation, row.direction, row.level
    _require(said == confirms, "the bytes do not say what was confirmed", statement)
    return row


# 4. A correction, or a first certificate?


def _corrected(row: Row, corrected: bytes | None, statement: Statement, signed: SignedDigest) -> int:
    if row.corrects is None or corrected is None:
        raise EvidenceRefused("a correction without what it corrects, or the reverse", statement.entry)
    try:
        before = statement_of_signed_bytes(corrected)
    except SigningError:
        raise EvidenceRefused("what it corrects is no certificate", statement.entry) from None
    _require(before.entry == row.corrects, "its row corrects another entry", statement)
    _require(
        sha256(corrected).digest() == signed(before.entry), "what it corrects was never signed", statement
    )
    stays = statement.number, statement.level, statement.issued_on
    _require(
        stays == (before.number, before.level, before.issued_on), "number, level and date stay", statement
    )
    return before.entry


def _require_own_number(row: Row, statement: Statement, knowledge: Knowledge) -> None:
    """Refuse another body's number: the reviewers see the row, not the number that the certificate takes."""
    own = statement.number[0], row.issuer
    _require(
        issuer_key(statement.number, knowledge.profiles) == own, "its number is another body's", statement
    )


def _require_first(row: Row, statement: Statement, confirmed: Confirmed, knowledge: Knowledge) -> None:
    if row.issued_on is not None:
        _require(
            statement.issued_on == row.issued_on, "its date is not the one that was confirmed", statement
        )
        return
    earliest = civil_date(confirmed.decided_at - CLOCKS_DIFFER)
    latest = civil_date(knowledge.now + CLOCKS_DIFFER)
    within = earliest <= statement.issued_on <= latest
    _require(within, f"its date is not between {earliest} and {latest}", statement)


def _require_series(row: Row, statement: Statement, opened: OpenSeries, knowledge: Knowledge) -> None:
    profile = knowledge.profiles.get(statement.number[0])
    serial = opened.serials.get(statement.number[0])
    if profile is None or serial is None:
        raise EvidenceRefused("its number lies in no series that was opened", statement.entry)
    try:
        series, count = series_of(statement.number, profile, serial)
    except SigningError as error:
        raise EvidenceRefused(str(error), statement.entry) from None
    opening = opened.openings.get(series)
    if opening is None or count < 1:
        raise EvidenceRefused("its number lies in no series that was opened", statement.entry)
    belongs = opening.issuer, opening.site, opening.province, opening.year, opening.level
    wanted = row.issuer, row.site, row.province, statement.issued_on.year, row.level
    _require(
        belongs == wanted, "its number lies in the series of another body, site, year or level", statement
    )


def _require(holds: bool, why: str, statement: Statement) -> None:
    if not holds:
        raise EvidenceRefused(why, statement.entry)
