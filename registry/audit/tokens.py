"""Bytes and tokens: what was to be signed says what was confirmed, and the token is a signature over exactly that."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time

from registry.audit.entry_rows import Held
from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind
from registry.certificate.agreement import Numbered, require_as_confirmed
from registry.certificate.errors import NotAsConfirmed
from registry.certificate.lifecycle import Status
from registry.civil_time import SHANGHAI
from signing.cose import SIGNATURE_SIZE
from signing.errors import KeyDistrusted, SigningError
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes
from signing.statement import Statement
from signing.token import open_token, statement_to_be_signed

GONE = (Status.VOID, Status.REVOKED, Status.SUPERSEDED)
REMEDY = "let its body have it corrected, which gives it the next key, or revoke it"


def statements_of(rows: Sequence[Held]) -> dict[int, Statement]:
    """Return what the bytes of these entries say, by entry; nothing for bytes that are no statement's, or lost."""
    found: dict[int, Statement] = {}
    for row in rows:
        if row.to_be_signed is not None:
            with suppress(SigningError):
                found[row.entry] = statement_of_signed_bytes(row.to_be_signed)
    return found


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """Holds entries against their results and keys.

    ``restored`` are entries that a restore made anew: when they were numbered, only their statement tells.
    """

    evidence: Evidence
    restored: Collection[int] = ()

    def faults(self, rows: Sequence[Held], statements: Mapping[int, Statement]) -> Iterator[Finding]:
        """Yield what is wrong with bytes and tokens of these entries; ``statements`` are what the bytes say."""
        for row in rows:
            for what in self._faults(row, statements.get(row.entry)):
                yield Finding(Kind.SIGNATURE, "entry", str(row.entry), what)

    def _faults(self, row: Held, statement: Statement | None) -> Iterator[str]:
        if row.result_id is not None and row.found_result is None:
            yield "the result it stands for is gone"
        if row.to_be_signed is None:
            if row.token is not None:
                yield "it has a token, and no bytes that it could be over"
            return
        if statement is None:
            yield "its bytes are no statement's"
            return
        if row.to_be_signed != _exact(statement, row, self.evidence):
            yield "its bytes are for another key or environment"
        if row.found_result is not None:
            yield from self._confirmed(row, statement)
        if row.token is not None:
            yield from self._token_faults(row.token, row.to_be_signed, row.status)

    def _confirmed(self, row: Held, statement: Statement) -> Iterator[str]:
        if row.found_certificate is None:
            return
        if row.entry in self.restored:
            row = row._replace(numbered_at=datetime.combine(statement.issued_on, time(), SHANGHAI))
        numbered = Numbered._make(getattr(row, name) for name in Numbered._fields)
        try:
            require_as_confirmed(numbered, self.evidence.profiles)
        except NotAsConfirmed:
            yield "its bytes do not say what its result and its number say"

    def _token_faults(self, token: bytes, to_be_signed: bytes, status: str) -> Iterator[str]:
        try:
            same = token == token_of_signed_bytes(to_be_signed, token[-SIGNATURE_SIZE:])
        except SigningError:
            same = False
        if not same:
            yield "its token is not one over its bytes"
        if self.evidence.trust is None:
            return
        try:
            open_token(token, self.evidence.trust)
        except KeyDistrusted:
            # What nobody may show any more need not be in an honest list; what people hold must.
            if status not in GONE:
                yield f"its key is distrusted and it is not in the honest list; {REMEDY}"
        except SigningError as refusal:
            yield f"its token does not verify ({type(refusal).__name__})"


def _exact(statement: Statement, row: Held, evidence: Evidence) -> bytes | None:
    try:
        return statement_to_be_signed(statement, key_id=row.key_id, environment=evidence.environment)
    except SigningError:
        return None
