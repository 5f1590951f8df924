"""Who acts in a life: the right people of every step, and some who may not do what they try."""

from dataclasses import dataclass
from typing import Final

from registry.people.accounts import Purpose
from registry.people.permission import NATIONAL, Role
from tests.registry.world import (
    BODY,
    OTHER_BODY,
    OTHER_PROVINCE,
    PROVINCE,
    Holder,
    World,
    enrolled_holder,
    holder_key,
)

PROVINCE_HERE = (Role.PROVINCE_REVIEWER, f"CN-{PROVINCE}")
CENTRE = (Role.CENTRE_REVIEWER, NATIONAL)
OFFICE = (Role.OFFICE_REVIEWER, NATIONAL)

ALL_ROUNDER: Final = "三职"
MOONLIGHTER: Final = "兼任"
NEIGHBOUR: Final = "邻省"
STRANGER: Final = "陌生人"

RIGHT: Final = {"province": "province", "centre": "centre", "office": "office"}
"""The reviewer of each step who does nothing else."""

REVIEWS: Final = {
    "province": {"province"},
    "centre": {"centre"},
    "office": {"office"},
    ALL_ROUNDER: {"province", "centre", "office"},
    MOONLIGHTER: {"province"},
    NEIGHBOUR: set[str](),
}
"""Whose key counts for decisions, and the steps he is appointed to here."""

SUBMITS: Final = {BODY: BODY, OTHER_BODY: OTHER_BODY, MOONLIGHTER: BODY}
"""Who hands in, and for which body."""

DECIDERS: Final = (*REVIEWS, BODY, STRANGER)


@dataclass(frozen=True)
class Cast:
    """Everybody with the key he decides with, and those who hand in with the key they do that with."""

    deciders: dict[str, Holder]
    submitters: dict[str, Holder]


def gather(world: World) -> Cast:
    """Appoint the people that a world does not have by itself."""

    def appoint(session):
        decision = Purpose.DECISION
        everything = {PROVINCE_HERE, CENTRE, OFFICE}
        neighbour = {(Role.PROVINCE_REVIEWER, f"CN-{OTHER_PROVINCE}")}
        both = {(Role.SUBMITTER, BODY), PROVINCE_HERE}
        return (
            enrolled_holder(session, ALL_ROUNDER, everything, decision),
            enrolled_holder(session, NEIGHBOUR, neighbour, decision),
            enrolled_holder(session, MOONLIGHTER, both, Purpose.SUBMISSION),
        )

    all_rounder, neighbour, moonlighter = world.sessions.run(appoint)
    second_key = holder_key(f"{MOONLIGHTER}, second")
    world.enrol(moonlighter.actor, second_key, Purpose.DECISION)
    deciders = {
        **{str(step): holder for step, holder in world.reviewers.items()},
        ALL_ROUNDER: all_rounder,
        NEIGHBOUR: neighbour,
        MOONLIGHTER: Holder(moonlighter.actor, second_key),
        BODY: world.bodies[BODY],
        STRANGER: Holder(moonlighter.actor, holder_key(STRANGER)),
    }
    return Cast(deciders, {**world.bodies, MOONLIGHTER: moonlighter})
