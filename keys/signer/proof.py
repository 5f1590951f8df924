"""What the evidence of a request proves: which rows three people confirmed, and which series are open.

A decision counts if a key signed it that the roster entitles to that step, in that jurisdiction, at the time it was
decided. An opening of a series counts likewise. Which certificate follows from it is asked in ``examination``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from keys.errors import EvidenceRefused
from keys.signer.request import Evidence
from signing import merkle
from signing.cose import Envelope
from signing.ed25519 import PublicKey
from signing.errors import SigningError, UnknownKey
from signing.evidence import Decision, Step, open_decision
from signing.number import Profile
from signing.roster import Duty, Roster
from signing.series import SeriesKey, SeriesOpening, open_opening, serial_place

NATIONAL: Final = "CN"
CLOCKS_DIFFER: Final = timedelta(minutes=10)
"""How far the clocks of reviewers, register and signer may be apart."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the signer knows by itself: its environment, the roster that two custodians signed, the numbering profiles
    of the trust bundle, and what time it is.
    """

    environment: str
    roster: Roster
    profiles: Mapping[int, Profile]
    now: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What three decisions confirm.

    ``rows`` are the hashes of the rows that each step confirms (the same set is there once); ``jurisdiction`` is that
    of the province's decision, ``decided_at`` the time of the office's.
    """

    submission: UUID
    jurisdiction: str
    rows: Sequence[frozenset[bytes]]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class OpenSeries:
    """The series that are open, and the place of the serial in the numbers of each profile."""

    openings: Mapping[SeriesKey, SeriesOpening]
    serials: Mapping[int, int]


def confirmed_by(evidence: Evidence, knowledge: Knowledge) -> Confirmed:
    """Return what the three decisions confirm; raises ``EvidenceRefused`` if one of them does not count."""
    decided: list[Decision] = []
    persons: set[UUID] = set()
    rows: list[frozenset[bytes]] = []
    count, digest = 0, b""
    for step, signed, joined in zip(Step, evidence.decisions, evidence.leaves, strict=True):
        decision, person = _decision(step, signed, knowledge)
        if person in persons:
            raise EvidenceRefused(f"the {step}'s decision is by somebody who decided before")
        if joined is not None:
            hashes = _parted(joined)
            count = len(hashes)
            # Asked before anything is counted out: the root of a million hashes is a second's work.
            if decision.rows != count:
                raise EvidenceRefused(f"the {step}'s decision is over other rows")
            digest = merkle.root_of_hashes(hashes)
            rows.append(frozenset(hashes))
        if (decision.rows, decision.rows_digest) != (count, digest):
            raise EvidenceRefused(f"the {step}'s decision is over other rows")
        persons.add(person)
        decided.append(decision)
    if len({decision.submission for decision in decided}) != 1:
        raise EvidenceRefused("the decisions are about different submissions")
    return Confirmed(decided[0].submission, decided[0].jurisdiction, rows, decided[-1].decided_at)


def opened_by(openings: Sequence[bytes], knowledge: Knowledge) -> OpenSeries:
    """Return the series that these signed openings open; raises ``EvidenceRefused`` if one does not count."""
    series: dict[SeriesKey, SeriesOpening] = {}
    serials: dict[int, int] = {}
    for signed in openings:
        key, opening = _opening(signed, knowledge)
        series[key] = opening
        place = serial_place(knowledge.profiles[key.profile], dict(opening.parts))
        # Else one number could be looked for in two ways, of which the last opening would choose.
        if serials.setdefault(key.profile, place) != place:
            raise EvidenceRefused(f"two series of profile {key.profile} count by different fields")
    return OpenSeries(series, serials)


def _decision(step: Step, signed: bytes, knowledge: Knowledge) -> tuple[Decision, UUID]:
    """Return a decision of this step by an entitled key, and whose key it is."""
    roster = knowledge.roster
    try:
        key_id = Envelope.from_bytes(signed).key_id
        decision = open_decision(signed, _verifier(key_id, roster), knowledge.environment)
        duty = Duty(decision.step)
        _require_past(decision.decided_at, knowledge)
        entry = roster.entitled(key_id, duty, decision.jurisdiction, at=decision.decided_at)
    except (SigningError, EvidenceRefused) as error:
        raise EvidenceRefused(f"the {step}'s decision does not count: {error}") from None
    if decision.step is not step:
        raise EvidenceRefused(f"the {step}'s decision is one of {decision.step}")
    if step is not Step.PROVINCE and decision.jurisdiction != NATIONAL:
        raise EvidenceRefused(f"the {step} decides for {NATIONAL}, not for {decision.jurisdiction}")
    return decision, entry.person


def _opening(signed: bytes, knowledge: Knowledge) -> tuple[SeriesKey, SeriesOpening]:
    """Return an opening by an entitled registrar, and the series that it opens."""
    roster = knowledge.roster
    try:
        key_id = Envelope.from_bytes(signed).key_id
        opening = open_opening(signed, _verifier(key_id, roster), knowledge.environment)
        roster.entitled(key_id, Duty.SERIES, NATIONAL, at=opening.opened_at)
        profile = knowledge.profiles.get(opening.profile)
        if profile is not None:
            return opening.key(profile), opening
    except (SigningError, EvidenceRefused) as error:
        raise EvidenceRefused(f"the opening of a series does not count: {error}") from None
    raise EvidenceRefused(f"a series of profile {opening.profile}, which the trust bundle does not know")


def _require_past(at: datetime, knowledge: Knowledge) -> None:
    """Refuse what was signed for later: an entitlement that will have ended by then must not be used ahead."""
    if at > knowledge.now + CLOCKS_DIFFER:
        raise EvidenceRefused(f"it is of the future, {at:%Y-%m-%dT%H:%M:%SZ}")


def _verifier(key_id: bytes, roster: Roster) -> PublicKey:
    try:
        return roster.verifier(key_id)
    except UnknownKey:
        why = f"the roster does not know key {key_id.hex()}; two custodians sign it in with `certreg key roster`"
    raise EvidenceRefused(why)


def _parted(joined: bytes) -> list[bytes]:
    return [joined[place : place + merkle.HASH_SIZE] for place in range(0, len(joined), merkle.HASH_SIZE)]
