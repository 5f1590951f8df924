"""``certreg drafts``: an operator sees that there are drafts, never what is in them, and ends old ones."""

from datetime import timedelta

import pytest

from registry.assessment.reading import media_type_of
from registry.draft.opening import Sent, open_draft
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
    drafted.certreg("drafts", "discard", "--older-than", 30, input="n\n")

    assert len(drafted.done("drafts", "list").splitlines()) == 2
