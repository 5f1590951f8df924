"""``certreg drafts``: an operator sees that there are drafts, never what is in them, and ends old ones."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from registry.assessment.reading import media_type_of
from registry.draft.opening import Sent, open_draft
from registry.draft.status import DraftStatus
from registry.draft.tables import Draft
from registry.operator.desk import present
from registry.people.accounts import Purpose, load_actor
from registry.people.representative import Representative
from registry.people.tables import EnrolledKey
from tests.registry.operator.office import ISSUER


@pytest.fixture
def drafted(office):
    """An office with a draft that is forty days old, and one of today."""
    installation, results = office.installation, office.results()
    sent = Sent(results.read_bytes(), media_type_of(results.name))

    def author(session):
        key = session.query(EnrolledKey).filter_by(purpose=Purpose.SUBMISSION).one()
        return Representative(load_actor(session, key.account_id), ISSUER, key.key_id)

    clerk = installation.sessions.read(author)
    for name, age in (("old", 40), ("young", 0)):
        again = Sent(sent.content + b" " * age, sent.media_type)
        open_draft(
            installation.sessions, installation.personal.sealer, clerk, again, name=name,
            now=present() - timedelta(days=age),
        )  # fmt: skip
    return office


def test_drafts_are_listed_with_nothing_of_what_is_in_them(drafted):
    lines = drafted.done("drafts", "list").splitlines()

    assert [line.split()[1] for line in lines] == [ISSUER] * 2
    assert all("待检查" in line for line in lines)


def test_a_worker_checks_them(drafted):
    said = drafted.done("work", "--once", "--only", "drafts")

    assert "drafts" in said
    assert "待机构签名" in drafted.done("drafts", "list")


def test_old_ones_are_discarded_and_young_ones_stay(drafted):
    assert "1 drafts discarded" in drafted.done("drafts", "discard", "--older-than", 30, "--yes")

    assert len(drafted.done("drafts", "list").splitlines()) == 1
    assert "已丢弃" in drafted.done("drafts", "list", "--all")
    assert "0 drafts discarded" in drafted.done("drafts", "discard", "--older-than", 30)


def test_nothing_is_discarded_before_it_was_confirmed(drafted):
    said = drafted.certreg("drafts", "discard", "--older-than", 30, input="n\n").output

    listed = drafted.done("drafts", "list").splitlines()
    assert len(listed) == 2
    # Whose they are, and which, is said before the question.
    assert said.index(listed[0]) < said.index("Discard 1 drafts for good?")
    assert listed[1] not in said


@pytest.fixture
def signed(drafted):
    """The id of a draft whose settled content is damaged, as text; its signature is there."""
    drafted.done("work", "--once", "--only", "drafts")
    draft_id = drafted.done("drafts", "list").splitlines()[-1].split()[0]
    changed = (
        update(Draft).where(Draft.id == UUID(draft_id)).values(status=DraftStatus.SIGNED, signature=b"x")
    )
    drafted.installation.sessions.run(lambda session: session.execute(changed) and None)
    return draft_id


def test_a_signature_that_no_worker_can_use_is_dropped(drafted, signed):
    assert "the signature is dropped" in drafted.done("drafts", "unsign", signed)

    (line,) = [line for line in drafted.done("drafts", "list").splitlines() if signed in line]
    assert "待检查" in line
    assert drafted.certreg("drafts", "unsign", signed).exit_code != 0


def test_a_signed_draft_is_discarded_if_an_operator_says_so(drafted, signed):
    assert "discarded" in drafted.done("drafts", "unsign", signed, "--discard", "--yes")

    (line,) = [line for line in drafted.done("drafts", "list", "--all").splitlines() if signed in line]
    assert "已丢弃" in line


def test_a_signed_draft_is_shown_and_not_discarded_before_it_was_confirmed(drafted, signed):
    said = drafted.certreg("drafts", "unsign", signed, "--discard", input="n\n").output

    assert said.index(signed) < said.index("Discard this draft for good?")
    (line,) = [line for line in drafted.done("drafts", "list").splitlines() if signed in line]
    assert line in said
