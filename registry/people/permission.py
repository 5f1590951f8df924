"""The only place that answers "may this actor do this?".

Doors never ask; acts ask once, after they loaded and locked what they act on. Scopes are an assessment body's
issuer key (``S0001``), a province (``CN-21``) or the whole country (``CN``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from registry.people.errors import ConflictOfInterest, NotPermitted

NATIONAL = "CN"


class Role(StrEnum):
    """What an account can be appointed to."""

    SUBMITTER = "submitter"
    BODY_SYSTEM = "body_system"
    BODY_ADMINISTRATOR = "body_administrator"
    PROVINCE_REVIEWER = "province_reviewer"
    CENTRE_REVIEWER = "centre_reviewer"
    OFFICE_REVIEWER = "office_reviewer"
    REGISTRAR = "registrar"


class Act(StrEnum):
    """What can be done to the register."""

    APPOINT = "appoint"
    USE_API = "use_api"
    MANAGE_KEYS = "manage_keys"
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


BODY_ROLES: Final = frozenset({Role.SUBMITTER, Role.BODY_SYSTEM, Role.BODY_ADMINISTRATOR})
"""Roles that an assessment body's own accounts hold, in the scope of its issuer key."""

# Any one of these roles will do. N 四(六)3: the body reports, the province reviews, the centre checks, the office
# audits, each alone.
ROLE_FOR: dict[Act, frozenset[Role]] = {
    Act.APPOINT: frozenset({Role.REGISTRAR}),
    # A program that submits may work on drafts too; it needs an access key for that, beside its submission key.
    Act.USE_API: frozenset({Role.BODY_SYSTEM, Role.SUBMITTER}),
    Act.MANAGE_KEYS: frozenset({Role.BODY_ADMINISTRATOR}),
    Act.SUBMIT: frozenset({Role.SUBMITTER}),
    # Whoever may hand in may take back: both say what the body answers for.
    Act.WITHDRAW: frozenset({Role.SUBMITTER}),
    Act.ASK: frozenset({Role.SUBMITTER}),
    Act.DECIDE_REQUEST: frozenset({Role.REGISTRAR}),
    Act.REVIEW_PROVINCE: frozenset({Role.PROVINCE_REVIEWER}),
    Act.REVIEW_CENTRE: frozenset({Role.CENTRE_REVIEWER}),
    Act.REVIEW_OFFICE: frozenset({Role.OFFICE_REVIEWER}),
    Act.OPEN_SERIES: frozenset({Role.REGISTRAR}),
    Act.OPEN_EPOCH: frozenset({Role.REGISTRAR}),
    Act.CLOSE_EPOCH: frozenset({Role.REGISTRAR}),
    Act.ISSUE: frozenset({Role.REGISTRAR}),
    Act.VOID: frozenset({Role.REGISTRAR}),
    Act.SUSPEND: frozenset({Role.REGISTRAR}),
    Act.REINSTATE: frozenset({Role.REGISTRAR}),
    Act.REVOKE: frozenset({Role.REGISTRAR}),
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
    if not may(actor, act, scope=scope):
        raise NotPermitted(actor.name, act, scope)
    if actor.account_id in acted_before:
        raise ConflictOfInterest(actor.name, act, scope)


def may(actor: Actor, act: Act, *, scope: str) -> bool:
    """Tell whether the actor holds a role that allows this in this scope."""
    return any((role, scope) in actor.appointments for role in ROLE_FOR[act])


def body_of(actor: Actor) -> str | None:
    """Return the issuer key of the one body that the account belongs to; ``None`` for none, or for several."""
    scopes = {scope for role, scope in actor.appointments if role in BODY_ROLES}
    return scopes.pop() if len(scopes) == 1 else None
