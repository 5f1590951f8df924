"""The only place that answers "may this actor do this?".

Doors never ask; acts ask once, after they loaded and locked what they act on. Scopes are an assessment body's
issuer key (``S0001``), a province (``CN-21``) or the whole country (``CN``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from registry.people.errors import ConflictOfInterest, NotPermitted

NATIONAL = "CN"


class Role(StrEnum):
    """What an account can be appointed to."""

    SUBMITTER = "submitter"
    PROVINCE_REVIEWER = "province_reviewer"
    CENTRE_REVIEWER = "centre_reviewer"
    OFFICE_REVIEWER = "office_reviewer"
    REGISTRAR = "registrar"


class Act(StrEnum):
    """What can be done to the register."""

    APPOINT = "appoint"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ASK = "ask"
    DECIDE_REQUEST = "decide_request"
    REVIEW_PROVINCE = "review_province"
    REVIEW_CENTRE = "review_centre"
    REVIEW_OFFICE = "review_office"
    OPEN_SERIES = "open_series"
    OPEN_EPOCH = "open_epoch"
    CLOSE_EPOCH = "close_epoch"
    ISSUE = "issue"
    VOID = "void"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"


# N 四(六)3: the body reports, the province reviews, the centre checks, the office audits, each alone.
ROLE_FOR: dict[Act, Role] = {
    Act.APPOINT: Role.REGISTRAR,
    Act.SUBMIT: Role.SUBMITTER,
    # Whoever may hand in may take back: both say what the body answers for.
    Act.WITHDRAW: Role.SUBMITTER,
    Act.ASK: Role.SUBMITTER,
    Act.DECIDE_REQUEST: Role.REGISTRAR,
    Act.REVIEW_PROVINCE: Role.PROVINCE_REVIEWER,
    Act.REVIEW_CENTRE: Role.CENTRE_REVIEWER,
    Act.REVIEW_OFFICE: Role.OFFICE_REVIEWER,
    Act.OPEN_SERIES: Role.REGISTRAR,
    Act.OPEN_EPOCH: Role.REGISTRAR,
    Act.CLOSE_EPOCH: Role.REGISTRAR,
    Act.ISSUE: Role.REGISTRAR,
    Act.VOID: Role.REGISTRAR,
    Act.SUSPEND: Role.REGISTRAR,
    Act.REINSTATE: Role.REGISTRAR,
    Act.REVOKE: Role.REGISTRAR,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """An account as the edge identified it, with the roles it holds as (role, scope)."""

    account_id: UUID
    name: str
    appointments: frozenset[tuple[Role, str]]


def require(actor: Actor, act: Act, *, scope: str, acted_before: Collection[UUID] = ()) -> None:
    """Return if the actor may do this in this scope, else raise ``NotPermitted``.

    ``acted_before`` holds the accounts that submitted or decided the same submission: nobody acts on it twice
    (``ConflictOfInterest``), whatever roles he holds.
    """
    if (ROLE_FOR[act], scope) not in actor.appointments:
        raise NotPermitted(actor.name, act, scope)
    if actor.account_id in acted_before:
        raise ConflictOfInterest(actor.name, act, scope)
