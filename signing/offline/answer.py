"""What ``certverify`` answers, as values: the verdict, the holder, the certificate with names for its codes.

The verdict comes from ``signing.verdict`` and is not touched here. What the certificate says is part of the
answer only where its signature held.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import Any

from signing.errors import DistributionRefused
from signing.freshness import Freshness
from signing.number import Profile, issuer_key, shown
from signing.offline.log_proof import ProofAnswer
from signing.statement import Level, Statement
from signing.trust import TrustNames
from signing.verdict import Judgement, Verdict

BEIJING = timezone(timedelta(hours=8))
"""Asia/Shanghai, which has kept this offset since 1991; no time zone data is needed."""
LAST_SECOND = 253_402_271_999
"""The last instant that has a date there, in seconds since 1970: a witness may state any time."""


class Holder(StrEnum):
    """Whether the ID number given belongs to the certificate.

    ``not_asked`` also where a number was given but no signature held, so that there was nothing to compare
    with.
    """

    MATCH = "match"
    NO_MATCH = "no_match"
    NOT_ASKED = "not_asked"


class ExitCode(IntEnum):
    """How the command ends."""

    VALID = 0
    NOT_VALID = 1
    CANNOT_TELL = 2
    WRONG_USE = 64
    FAILED = 70


@dataclass(frozen=True, slots=True)
class Named:
    """A code and its name; ``None`` where the trusted names do not know the code."""

    code: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The statement as people read it. ``direction`` is ``None`` for an occupation without directions."""

    number: str
    holder_name: str
    occupation: Named
    edition: int
    direction: Named | None
    level: Level
    issuer: Named | None
    issued_on: date
    entry: int

    def to_json(self) -> dict[str, Any]:
        """Return the value of ``certificate`` in the JSON answer."""
        return {
            "number": self.number,
            "holder_name": self.holder_name,
            "occupation": {
                "edition": self.edition,
                "code": self.occupation.code,
                "name": self.occupation.name,
            },
            "direction": _named_json(self.direction),
            "level": self.level.name.lower(),
            "issuer": _named_json(self.issuer),
            "issued_on": self.issued_on.isoformat(),
            "entry": self.entry,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. ``certificate`` is ``None`` where nothing of the content may be shown.

    ``environment`` is that of the pinned root, empty without one; ``asked_at`` the instant of the question;
    ``freshness`` how old a status was taken for an answer.
    ``refused`` says why there is no trust bundle, where the way from the pinned root to it is broken.
    ``proof`` is what can be said of a proof of the public log, ``None`` where none was given or asked for;
    ``fetched`` says that the public files came from an address.
    """

    judgement: Judgement
    holder: Holder
    certificate: Certificate | None
    environment: str
    asked_at: datetime
    freshness: Freshness
    refused: DistributionRefused | None = None
    proof: ProofAnswer | None = None
    fetched: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """0 for valid; a wrong holder is as final as a wrong certificate, whatever else can not be told.

        So is a proof that does not hold, though the verdict stays what it is; one that could not be judged, or made,
        leaves a valid certificate without its answer.
        """
        if self.holder is Holder.NO_MATCH or (self.proof is not None and self.proof.refused):
            return ExitCode.NOT_VALID
        code = _EXIT_CODES.get(self.judgement.verdict, ExitCode.NOT_VALID)
        if code is ExitCode.VALID and self.proof is not None and self.proof.shown is None:
            return ExitCode.CANNOT_TELL
        return code

    def to_json(self) -> dict[str, Any]:
        """Return the JSON answer: exactly these five members, and ``proof`` where there is an answer about one."""
        as_of = self.judgement.as_of
        proof = {} if self.proof is None else {"proof": self.proof.to_json()}
        return {
            "verdict": self.judgement.verdict.value,
            "reason": self.judgement.reason.value,
            "as_of": as_of.astimezone(BEIJING).isoformat() if as_of else None,
            "holder": self.holder.value,
            "certificate": self.certificate.to_json() if self.certificate else None,
            **proof,
        }


_EXIT_CODES = {Verdict.VALID: ExitCode.VALID, Verdict.CANNOT_TELL: ExitCode.CANNOT_TELL}


def certificate_of(
    statement: Statement, profiles: Mapping[int, Profile], names: TrustNames | None
) -> Certificate:
    """Return a statement with the names that are trusted, and with codes where there is none."""
    occupation, direction = statement.occupation, statement.direction
    name = names.occupations.get((occupation.edition, occupation.code)) if names else None
    return Certificate(
        number=shown(statement.number, profiles),
        holder_name=statement.holder_name,
        occupation=Named(occupation.text, name),
        edition=occupation.edition,
        direction=_direction(direction, names),
        level=statement.level,
        issuer=_issuer(statement.number, profiles, names),
        issued_on=statement.issued_on,
        entry=statement.entry,
    )


def _direction(code: int | None, names: TrustNames | None) -> Named | None:
    if code is None:
        return None
    return Named(str(code), names.directions.get(code) if names else None)


def _issuer(number: bytes, profiles: Mapping[int, Profile], names: TrustNames | None) -> Named | None:
    """Return the body that the number names; ``None`` where no known profile tells its place."""
    key = issuer_key(number, profiles)
    if key is None:
        return None
    return Named(key[1], names.issuers.get(key) if names else None)


def _named_json(named: Named | None) -> dict[str, Any] | None:
    return {"code": named.code, "name": named.name} if named else None
