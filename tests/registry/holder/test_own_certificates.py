"""What a body sees of its certificates, and what it fetches of those in force."""

import io
from dataclasses import replace
from uuid import uuid4
from zipfile import ZipFile

import pytest
from sqlalchemy import update

from registry.certificate.lifecycle import Reason, revoke
from registry.certificate.tables import Entry
from registry.directory.profiles import load_profiles
from registry.holder.errors import NotInForce, TokenUnusable
from registry.holder.own_certificates import (
    certificate_of_body,
    certificates_of_submission,
    token_of_body,
    tokens_of_submission,
    verified,
)
from registry.holder.qr_archive import qr_archive
from registry.intake.errors import NoSuchSubmission
from registry.request.errors import NoSuchCertificate
from signing.link import qr_text
from signing.offline.image import fragments_in
from signing.token import open_token
from tests.instants import NOON
from tests.registry.world import BODY, OTHER_BODY

PROFILES = load_profiles()
PREFIX = "https://v.test/v#"


def act(world, what, number):
    world.sessions.run(lambda session: what(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON))


def token(world, number, issuer=BODY):
    return world.sessions.read(lambda session: token_of_body(session, issuer, PROFILES, number))


def released(world, count=3):
    submission = world.numbered(*world.rows(count))
    world.sign()
    world.release()
    return submission, world.numbers(submission)


def test_certificates_are_listed_with_their_rows(world):
    submission, numbers = released(world)
    act(world, revoke, numbers[1])

    page = world.sessions.read(lambda session: certificates_of_submission(session, BODY, submission, limit=2))
    rest = world.sessions.read(
        lambda session: certificates_of_submission(session, BODY, submission, limit=2, after=page.after[0])
    )

    found = [*page.items, *rest.items]
    assert [(each.row, each.number, each.status) for each in found] == [
        (1, numbers[0], "released"),
        (2, numbers[1], "revoked"),
        (3, numbers[2], "released"),
    ]
    assert rest.after is None
    assert all(each.has_token and each.issued_on is not None for each in found)


def test_a_corrected_certificate_shows_both_versions(world):
    row = world.row(1)
    (number,) = world.issued(row)
    world.issued({**row, "name": "李肆", "corrects": number, "reason": "姓名有误"})

    found = world.sessions.read(lambda session: certificate_of_body(session, BODY, PROFILES, number))

    assert [(each.version, each.status) for each in found] == [(2, "released"), (1, "superseded")]
    assert token(world, number).entry == 2


def test_a_token_is_the_certificates_own(world):
    _, (number, *_) = released(world)

    statement = open_token(token(world, number).token, world.trust)

    assert statement.entry == 1


@pytest.mark.parametrize("question", ["certificate", "token"])
def test_another_bodys_certificate_looks_like_none_at_all(world, question):
    _, (number, *_) = released(world)
    ask = {"certificate": certificate_of_body, "token": token_of_body}[question]

    told = set()
    for asked_for in (number, "S000221000002262999999"):
        with pytest.raises(NoSuchCertificate) as refusal:
            world.sessions.read(lambda session, n=asked_for: ask(session, OTHER_BODY, PROFILES, n))
        told.add(str(refusal.value).replace(asked_for, "N"))

    assert len(told) == 1


def test_nothing_is_handed_out_of_what_is_not_in_force(world):
    _, (number, *_) = released(world)
    act(world, revoke, number)

    with pytest.raises(NotInForce):
        token(world, number)


def test_an_archive_holds_the_qr_of_every_certificate_in_force(world):
    submission, numbers = released(world)
    act(world, revoke, numbers[1])
    world.numbered(*world.rows(2))

    parts = list(
        qr_archive(tokens_of_submission(world.sessions, BODY, submission), world.trust, prefix=PREFIX)
    )

    with ZipFile(io.BytesIO(b"".join(parts))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{numbers[0]}.png", f"{numbers[2]}.png"]
        (digits,) = fragments_in(archive.read(f"{numbers[0]}.png"))
    assert qr_text(PREFIX, token(world, numbers[0]).token) == PREFIX + digits
    # A piece for each image, and the directory: sent while it is made.
    assert len(parts) == 3


def test_an_archive_leaves_out_what_does_not_verify_and_says_so(world):
    submission, numbers = released(world)
    others = world.entries()[1].token
    world.tamper(update(Entry).where(Entry.entry == 1).values(token=others))

    data = b"".join(
        qr_archive(tokens_of_submission(world.sessions, BODY, submission), world.trust, prefix=PREFIX)
    )

    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == [*(f"{number}.png" for number in numbers[1:]), "LEFT_OUT.txt"]
        assert numbers[0] in archive.read("LEFT_OUT.txt").decode()


def test_a_token_of_another_number_is_not_handed_out(world):
    _, numbers = released(world)

    with pytest.raises(TokenUnusable):
        verified(replace(token(world, numbers[1]), number=numbers[0]), world.trust)


def test_tokens_come_a_few_at_a_time_and_all(world, monkeypatch):
    submission, numbers = released(world, 5)
    monkeypatch.setattr("registry.holder.own_certificates.TOKENS_AT_ONCE", 2)

    found = list(tokens_of_submission(world.sessions, BODY, submission))

    assert [held.number for held in found] == numbers


def test_another_bodys_submission_is_refused_before_anything_is_sent(world):
    submission, _ = released(world)

    for nobodys in (submission, uuid4()):
        with pytest.raises(NoSuchSubmission):
            tokens_of_submission(world.sessions, OTHER_BODY, nobodys)
