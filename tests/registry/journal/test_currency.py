"""A register that is an older copy of itself: what it refuses, what it still does, and that no act is forgotten."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from registry.audit.events import ACTS
from registry.certificate.abandonment import abandon
from registry.certificate.epochs import close_epoch
from registry.certificate.lifecycle import Reason, reinstate, revoke, suspend, void
from registry.certificate.numbering import Scope, enter_epoch
from registry.certificate.opening import open_series
from registry.certificate.tables import Series
from registry.intake.withdrawal import withdraw
from registry.journal.errors import ChainWithoutHead, RegisterOutdated
from registry.journal.sequencer import chain_events
from registry.journal.tables import LogHead
from registry.publication.status_payload import compose_status
from registry.request.asking import withdraw_request
from registry.request.deciding import decline, grant
from registry.request.kinds import RequestKind
from registry.request.tables import CertificateRequest
from signing.statement import Level
from tests.instants import NOON
from tests.registry.request_world import asked, representative
from tests.registry.staff_site import everything_stored
from tests.registry.world import BODY, ENVIRONMENT, LAST_ON, PROFILE, PROVINCE, SITES, World, opening

WHY = "a witness knows 12 leaves of the public log, this register 10"
NEXT_YEAR = Scope(BODY, PROVINCE, SITES[BODY], 2027, Level.SENIOR)
BEGUN = Scope(BODY, PROVINCE, SITES[BODY], 2026, Level.JUNIOR)


@dataclass
class Copy:
    """A register with something on every step of its road; entries 1 to 3 are released, suspended and signed."""

    world: World
    numbers: list[str]
    received: UUID
    awaiting: UUID
    approved: UUID
    requests: dict[RequestKind, CertificateRequest] = field(default_factory=dict)

    def act(self, what: Any, *arguments: Any, **more: Any) -> Any:
        """Do something as the registrar."""
        world = self.world
        return world.sessions.run(
            lambda session: what(session, world.registrar, *arguments, **more, now=NOON)
        )

    def open(self, scope: Scope) -> bool:
        """Open a series."""
        return self.act(open_series, PROFILE, opening(scope), environment=ENVIRONMENT)

    def set_back(self) -> None:
        """Let it be an older copy of itself."""
        self.world.tamper(update(LogHead).values(behind=WHY))


@pytest.fixture
def copy(world):
    numbers = world.issued(*world.rows(2))
    found = Copy(world, numbers, world.submitted(), world.checked(), world.reviewed(world.row(1)))
    found.act(suspend, numbers[1], Reason.UNDER_INVESTIGATION)
    world.numbered(world.row(1))
    world.sign()
    world.numbered(world.row(1))
    found.requests |= {
        kind: asked(world, numbers[0], kind) for kind in (RequestKind.REVOKE, RequestKind.CORRECT)
    }
    world.tamper(update(Series).where(Series.key == BEGUN.key(PROFILE)).values(opening=None))
    return found


def decide(copy):
    copy.world.decide(copy.awaiting)


def take_back(copy):
    withdraw(copy.world.sessions, representative(copy.world), copy.received, "场次有误", now=NOON)


def decline_request(copy):
    request = copy.requests[RequestKind.REVOKE]
    decline(copy.world.sessions, copy.world.registrar, request.id, "证书无误", now=NOON)


def grant_request(copy):
    request = copy.requests[RequestKind.REVOKE]
    grant(copy.world.sessions, copy.world.registrar, request.id, Reason.EXAM_FRAUD, now=NOON)


def take_back_request(copy):
    request = copy.requests[RequestKind.CORRECT]
    withdraw_request(copy.world.sessions, representative(copy.world), request.id, now=NOON)


REFUSED = {
    "submit": lambda copy: copy.world.submitted(),
    "check_ids": lambda copy: copy.world.compute_id_checks(copy.received),
    "withdraw": take_back,
    "ask_request": lambda copy: asked(copy.world, copy.numbers[0], RequestKind.SUSPEND),
    "decline_request": decline_request,
    "withdraw_request": take_back_request,
    "decide_province": decide,
    "number": lambda copy: copy.world.number(copy.approved),
    "sign": lambda copy: copy.world.sign(),
    "release": lambda copy: copy.world.release(),
    "reinstate": lambda copy: copy.act(reinstate, copy.numbers[1], Reason.INVESTIGATION_CLOSED),
    "open_series": lambda copy: copy.open(NEXT_YEAR),
    "sign_series": lambda copy: copy.open(BEGUN),
    "open_epoch": lambda copy: copy.world.open_epoch(2001, 3000),
}
# Of one function with those above: whatever refuses them refuses these.
WITH_ANOTHER = {
    "decide_centre": "decide_province",
    "decide_office": "decide_province",
    "supersede": "release",
    "pass_over": "number",
}
STILL_DONE = {
    "suspend": lambda copy: copy.act(suspend, copy.numbers[0], Reason.UNDER_INVESTIGATION),
    "grant_request": grant_request,
    "revoke": lambda copy: copy.act(revoke, copy.numbers[1], Reason.EXAM_FRAUD),
    "void": lambda copy: copy.act(void, 3, Reason.ISSUED_IN_ERROR),
    "free_result": lambda copy: copy.act(abandon, *copy.world.trust.keys, honest=()),
    "close_epoch": lambda copy: copy.act(close_epoch, *copy.world.trust.keys),
    "create_account": lambda copy: copy.world.account("新登记员"),
}
# What mends a register, or is done around it: none of it puts a certificate in force.
AROUND = {
    "found",
    "load_directory",
    "enrol_key",
    "revoke_key",
    "key_ceremony",
    "restore",
    "readmit",
    "log_readmit",
    "state_highest",
    "hold_numbering",
}


def test_every_act_that_the_journal_names_is_in_one_of_the_tables():
    tables = [set(REFUSED), set(WITH_ANOTHER), set(STILL_DONE), AROUND]

    assert set().union(*tables) == set(ACTS)
    assert sum(map(len, tables)) == len(ACTS)
    assert set(WITH_ANOTHER.values()) <= set(REFUSED)


def test_what_puts_a_certificate_in_force_is_refused_and_changes_nothing(copy, subtests):
    copy.set_back()
    stored, statuses = everything_stored(copy.world), copy.world.statuses()

    for name, act in REFUSED.items():
        with subtests.test(name):
            with pytest.raises(RegisterOutdated, match=WHY) as refusal:
                act(copy)
            assert refusal.value.why == WHY
            assert (everything_stored(copy.world), copy.world.statuses()) == (stored, statuses)
    assert copy.world.journal.last_entry() == 3


def test_the_same_acts_are_done_in_a_register_that_knows_its_past(copy):
    before = copy.world.statuses()

    for act in REFUSED.values():
        act(copy)

    assert before == ["released", "suspended", "signed", "numbered"]
    assert copy.world.statuses() == ["released", "reinstated", "released", "released", "released"]


def test_what_takes_a_certificate_out_of_force_is_done(copy):
    copy.set_back()

    for act in STILL_DONE.values():
        act(copy)

    # The first was suspended, and then revoked as its body had asked.
    assert copy.world.statuses() == ["revoked", "revoked", "void", "void"]


def test_it_is_read_published_and_its_acts_get_their_places(copy):
    copy.set_back()

    chained = chain_events(copy.world.sessions)
    status = copy.world.sessions.read(
        lambda session: compose_status(
            session, environment=ENVIRONMENT, trust_keys_version=1, previous=0, now=NOON
        )
    )

    assert chained > 0
    assert (status.size, status.suspended) == (4, {2})


def test_an_epoch_that_the_trust_bundle_has_is_entered_all_the_same(copy):
    copy.set_back()
    block = {"first_entry": 2001, "last_entry": 3000, "last_on": LAST_ON}

    copy.act(enter_epoch, key_id=b"next", **block)

    with pytest.raises(RegisterOutdated):
        copy.world.open_epoch(3001, 4000)


def test_a_file_that_was_taken_before_gets_its_receipt(world):
    signed = world.signed(world.file())
    first = world.submit(signed)
    world.tamper(update(LogHead).values(behind=WHY))

    again = world.submit(signed)

    assert (again.submission_id, again.repeated) == (first.submission_id, True)


def test_a_register_whose_row_is_gone_does_not_go_on_either(copy):
    copy.world.tamper(delete(LogHead))

    for act in REFUSED.values():
        with pytest.raises(ChainWithoutHead):
            act(copy)
