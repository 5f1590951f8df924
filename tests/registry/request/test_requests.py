"""A body asks, a registrar decides, and what is granted is done in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from registry.assessment.errors import ReasonRefused
from registry.certificate.lifecycle import Reason, revoke, suspend
from registry.errors import RegistryError
from registry.intake.withdrawal import withdraw
from registry.journal.errors import RegisterOutdated
from registry.journal.tables import Event, LogHead
from registry.people.errors import NotPermitted
from registry.people.representative import Representative
from registry.request.asking import withdraw_request
from registry.request.deciding import decline, grant, grant_correction
from registry.request.errors import (
    AskedAlready,
    GrantRefused,
    NoSuchCertificate,
    NoSuchRequest,
    NothingToAsk,
    RequestEnded,
    RequestOverrun,
)
from registry.request.kinds import RequestKind
from registry.request.reading import request_of_body, requests_of_body, waiting_requests
from registry.request.tables import CertificateRequest
from signing.evidence import Step
from tests.instants import NOON
from tests.registry.request_world import REASON, asked, representative
from tests.registry.world import BODY, OTHER_BODY


@pytest.fixture
def number(world):
    return world.issued(world.row(1))[0]


def granted(world, request, ground=Reason.ISSUED_IN_ERROR, **more):
    return grant(world.sessions, world.registrar, request.id, ground, now=NOON, **more)


def stored(world, request):
    (found,) = world.all(select(CertificateRequest).where(CertificateRequest.id == request.id))
    return found


def acts_on(world, request):
    return world.all(select(Event.act).where(Event.subject == f"request:{request.id}").order_by(Event.id))


def act(world, what, number):
    world.sessions.run(
        lambda session: what(session, world.registrar, number, Reason.UNDER_INVESTIGATION, now=NOON)
    )


def test_a_request_that_is_there_already_is_returned_as_it_stands(world, number):
    request_id = uuid4()
    first = asked(world, number, request_id=request_id)
    granted(world, first)

    # Revoked meanwhile: asked under another id, there would be nothing left to ask.
    again = asked(world, number, request_id=request_id)

    assert (first.status, again.id, again.status) == ("open", request_id, "granted")
    assert acts_on(world, first) == ["ask_request", "grant_request"]


def test_a_request_waits_for_a_registrar_with_its_reason(world, number):
    request = asked(world, number)

    assert (request.number, request.entry, request.kind, request.reason) == (number, 1, "revoke", REASON)
    assert (request.status, request.decided_at, request.answer) == ("open", None, None)
    (waiting,) = world.sessions.read(waiting_requests)
    assert waiting.id == request.id
    assert world.statuses() == ["released"]


@pytest.mark.parametrize(
    ("before", "kind", "ground", "after"),
    [
        (None, RequestKind.REVOKE, Reason.ISSUED_IN_ERROR, "revoked"),
        (None, RequestKind.SUSPEND, Reason.HOLDER_REQUEST, "suspended"),
        (suspend, RequestKind.REINSTATE, Reason.INVESTIGATION_CLOSED, "reinstated"),
        (suspend, RequestKind.REVOKE, Reason.EXAM_FRAUD, "revoked"),
    ],
)
def test_what_is_granted_is_done_and_answered(world, number, before, kind, ground, after):
    if before:
        act(world, before, number)
    request = asked(world, number, kind)

    granted(world, request, ground, answer="已核实")

    assert world.statuses() == [after]
    ended = stored(world, request)
    assert (ended.status, ended.decided_at, ended.answer) == ("granted", NOON, "已核实")
    assert ended.decided_by == world.registrar.account_id
    assert acts_on(world, request) == ["ask_request", "grant_request"]


def test_what_is_declined_changes_nothing_and_says_why(world, number):
    request = asked(world, number)

    decline(world.sessions, world.registrar, request.id, "证书无误", now=NOON)

    assert world.statuses() == ["released"]
    assert (stored(world, request).status, stored(world, request).answer) == ("declined", "证书无误")


def test_a_body_takes_back_what_is_not_decided(world, number):
    request = asked(world, number)

    withdraw_request(world.sessions, representative(world), request.id, now=NOON)
    withdraw_request(world.sessions, representative(world), request.id, now=NOON)

    assert stored(world, request).status == "withdrawn"
    assert acts_on(world, request) == ["ask_request", "withdraw_request"]
    with pytest.raises(RequestEnded):
        granted(world, request)


def reinstated(world, request, _):
    granted(world, request, Reason.INVESTIGATION_CLOSED)


def corrected(world, request, submission):
    grant_correction(world.sessions, world.registrar, request.id, submission, now=NOON)


def declined(world, request, _):
    decline(world.sessions, world.registrar, request.id, "证书无误", now=NOON)


def taken_back_by_its_body(world, request, _):
    withdraw_request(world.sessions, representative(world), request.id, now=NOON)


@pytest.mark.parametrize(
    ("kind", "ending"),
    [
        (RequestKind.REINSTATE, reinstated),
        (RequestKind.CORRECT, corrected),
        (RequestKind.REVOKE, declined),
        (RequestKind.REVOKE, taken_back_by_its_body),
    ],
)
def test_a_register_that_may_not_go_on_ends_no_request(world, kind, ending):
    person = world.row(1)
    (number,) = world.issued(person)
    if kind is RequestKind.REINSTATE:
        act(world, suspend, number)
    request = asked(world, number, kind)
    submission = None
    if kind is RequestKind.CORRECT:
        act(world, revoke, number)
        submission = world.submitted({**person, "level": "senior"})
    world.tamper(update(LogHead).values(behind="a witness knows more"))

    with pytest.raises(RegisterOutdated):
        ending(world, request, submission)

    assert stored(world, request).status == "open"
    assert acts_on(world, request) == ["ask_request"]


@pytest.mark.parametrize(
    ("kind", "ground", "after"),
    [
        (RequestKind.REVOKE, Reason.ISSUED_IN_ERROR, "revoked"),
        (RequestKind.SUSPEND, Reason.HOLDER_REQUEST, "suspended"),
    ],
)
def test_even_such_a_register_takes_a_certificate_out_of_force(world, number, kind, ground, after):
    request = asked(world, number, kind)
    world.tamper(update(LogHead).values(behind="a witness knows more"))

    granted(world, request, ground)

    assert (world.statuses(), stored(world, request).status) == ([after], "granted")


def test_what_is_decided_is_decided(world, number):
    request = asked(world, number)
    granted(world, request)

    for again in (
        lambda: granted(world, request),
        lambda: decline(world.sessions, world.registrar, request.id, "迟了", now=NOON),
        lambda: withdraw_request(world.sessions, representative(world), request.id, now=NOON),
    ):
        with pytest.raises(RegistryError):
            again()
    assert acts_on(world, request) == ["ask_request", "grant_request"]


def test_the_same_is_asked_once_until_it_is_decided(world, number):
    first = asked(world, number)

    with pytest.raises(AskedAlready) as refusal:
        asked(world, number)
    other = asked(world, number, RequestKind.SUSPEND)
    decline(world.sessions, world.registrar, first.id, "证书无误", now=NOON)

    assert refusal.value.request_id == first.id
    assert asked(world, number).id not in (first.id, other.id)


def test_the_same_asked_at_once_is_one_request(world, number):
    def attempt(_):
        try:
            return asked(world, number)
        except AskedAlready as refusal:
            return refusal

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(4)))

    assert sum(isinstance(outcome, AskedAlready) for outcome in outcomes) == 3
    assert world.count(CertificateRequest) == (1,)


def test_another_bodys_certificate_looks_like_none_at_all(world, number):
    told = []
    for asked_for in (number, "S000221000002262999999"):
        with pytest.raises(NoSuchCertificate) as refusal:
            asked(world, asked_for, issuer=OTHER_BODY)
        told.append(str(refusal.value).replace(asked_for, "N"))

    assert told[0] == told[1]
    assert world.count(CertificateRequest) == (0,)


def test_what_was_never_released_can_not_be_asked_about(world):
    (number,) = world.numbers(world.numbered(world.row(1)))

    with pytest.raises(NoSuchCertificate):
        asked(world, number)


def test_another_bodys_request_looks_like_none_at_all(world, number):
    request = asked(world, number)

    with pytest.raises(NoSuchRequest):
        withdraw_request(world.sessions, representative(world, OTHER_BODY), request.id, now=NOON)
    with pytest.raises(NoSuchRequest):
        world.sessions.read(lambda session: request_of_body(session, OTHER_BODY, request.id))
    page = world.sessions.read(lambda session: requests_of_body(session, OTHER_BODY, limit=10))
    assert page.items == ()


@pytest.mark.parametrize(
    "kind", [RequestKind.REINSTATE, RequestKind.SUSPEND, RequestKind.REVOKE, RequestKind.CORRECT]
)
def test_what_could_not_be_granted_can_not_be_asked(world, number, kind):
    if kind is not RequestKind.REINSTATE:
        act(world, revoke, number)

    with pytest.raises(NothingToAsk):
        asked(world, number, kind)


def test_who_may_not_ask_or_decide_is_refused(world, number):
    reviewer = world.reviewers[Step.OFFICE]
    request = asked(world, number)
    body = world.bodies[BODY].actor

    for attempt in (
        lambda: grant(world.sessions, body, request.id, Reason.ISSUED_IN_ERROR, now=NOON),
        lambda: decline(world.sessions, reviewer.actor, request.id, "不", now=NOON),
        lambda: withdraw_request(
            world.sessions, Representative(reviewer.actor, BODY, reviewer.key.key_id), request.id, now=NOON
        ),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    assert stored(world, request).status == "open"


def test_a_ground_of_another_act_grants_nothing(world, number):
    request = asked(world, number)

    with pytest.raises(GrantRefused):
        granted(world, request, Reason.INVESTIGATION_CLOSED)

    assert (world.statuses(), stored(world, request).status) == (["released"], "open")


def test_an_act_that_became_unlawful_leaves_the_request_open(world, number):
    request = asked(world, number, RequestKind.SUSPEND)
    act(world, suspend, number)

    with pytest.raises(RegistryError, match="suspend"):
        granted(world, request, Reason.HOLDER_REQUEST)

    assert stored(world, request).status == "open"


def test_a_request_about_a_version_that_was_superseded_is_not_granted(world):
    row = world.row(1)
    (number,) = world.issued(row)
    request = asked(world, number)
    world.issued({**row, "name": "李肆", "corrects": number, "reason": "姓名有误"})

    with pytest.raises(RequestOverrun):
        granted(world, request)

    assert world.statuses() == ["superseded", "released"]


def elsewhere(world, person, _):
    return world.submitted(world.row(1))


def the_faulty_one(world, _, submission):
    return submission


def sent_back(world, person, _):
    submission = world.checked({**person, "level": "senior"}, world.row(2))
    world.decide(submission, {1: "材料不全"})
    return submission


def taken_back(world, person, _):
    submission = world.submitted({**person, "level": "senior"})
    withdraw(world.sessions, representative(world), submission, "场次有误", now=NOON)
    return submission


def not_passed(world, person, _):
    return world.submitted({**person, "level": "senior", "theory": "30"})


def of_another_body(world, person, _):
    return world.submitted({**person, "level": "senior"}, issuer=OTHER_BODY)


def nothing(*_):
    return uuid4()


@pytest.fixture
def person(world):
    return world.row(1)


@pytest.fixture
def faulty(world, person):
    """The submission whose certificate is to be corrected."""
    submission = world.numbered(person)
    world.sign()
    world.release()
    return submission


@pytest.mark.parametrize(
    "wrong", [elsewhere, the_faulty_one, sent_back, taken_back, not_passed, of_another_body, nothing]
)
def test_a_correction_is_granted_by_nothing_that_does_not_bring_it(world, person, faulty, wrong):
    request = asked(world, world.numbers(faulty)[0], RequestKind.CORRECT)
    submission = wrong(world, person, faulty)

    with pytest.raises(GrantRefused):
        grant_correction(world.sessions, world.registrar, request.id, submission, now=NOON)

    assert stored(world, request).status == "open"


def test_a_correction_is_granted_by_the_submission_that_brings_it(world, person, faulty):
    (number,) = world.numbers(faulty)
    request = asked(world, number, RequestKind.CORRECT)
    act(world, revoke, number)
    mine = world.submitted({**person, "level": "senior", "theory": "80"})

    grant_correction(world.sessions, world.registrar, request.id, mine, now=NOON)

    assert (stored(world, request).status, stored(world, request).correction) == ("granted", mine)


def test_a_correction_is_not_granted_on_a_ground_nor_an_act_by_a_submission(world, number):
    correction = asked(world, number, RequestKind.CORRECT)
    revocation = asked(world, number)
    submission = world.submitted(world.row(1))

    with pytest.raises(GrantRefused):
        granted(world, correction)
    with pytest.raises(GrantRefused):
        grant_correction(world.sessions, world.registrar, revocation.id, submission, now=NOON)

    assert world.statuses() == ["released"]


def test_a_reason_names_no_id_number(world, number):
    with pytest.raises(ReasonRefused):
        asked(world, number, reason="210102199001010011 有误")


def test_pages_show_every_request_once_the_newest_first(world):
    numbers = world.issued(*world.rows(5))
    made = [asked(world, number).id for number in numbers]
    found, after = [], None

    while True:
        page = world.sessions.read(
            lambda session, after=after: requests_of_body(session, BODY, limit=2, after=after)
        )
        found += [request.id for request in page.items]
        after = page.after
        if after is None:
            break

    assert sorted(found) == sorted(made)
    assert found == sorted(made, reverse=True)
