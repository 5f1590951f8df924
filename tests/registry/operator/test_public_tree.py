"""Publishing: versions that only grow, and a trust bundle that comes out whatever became of the rows."""

import pytest
from sqlalchemy import text

from keys.distribution.roles import TIMESTAMP_NAME
from keys.status_file import StatusMemory
from registry.operator import public_tree
from registry.operator.custody import Custody
from registry.operator.public_tree import is_whole
from registry.publication.public_files import STATUS, TRUST_KEYS, public_names, read_public_file
from registry.settings import load_settings
from signing import cbor
from tests.registry.assessment import submissions
from tests.tuf_client import TufClient


@pytest.fixture
def published(office):
    """An office with one released certificate, and a client that has seen it."""
    office.approved(submissions.row(1))
    office.done("issue")
    files_of(office)
    return office


def files_of(office):
    return TufClient.at(office.folder / "public", office.folder / "client").files(office.folder / "public")


def version_of(office):
    return StatusMemory(office.folder / "keys" / "status" / "last").last().version


def written(sql):
    """Return a spoiler that writes this into the database."""

    def spoil(office):
        installation = office.installation
        installation.sessions.run(lambda session: session.execute(text(sql)))
        installation.sessions.close()

    return spoil


def forgetful(office):
    (office.folder / "keys" / "status" / "last").write_bytes(b"\xff\xff")


SPOILT = {
    "a row is missing": (written("UPDATE entry_counter SET last = last + 1"), "nothing is published"),
    "a status is none": (
        written("UPDATE entry SET status = 'hello'"),
        "entry 1 has the status 'hello', which is none",
    ),
    "the last status is damaged": (
        forgetful,
        "keys/status/last, the last status that was signed, is damaged",
    ),
}


@pytest.mark.parametrize(("spoil", "words"), SPOILT.values(), ids=SPOILT.keys())
def test_a_trust_bundle_comes_out_although_no_status_can_be_signed(published, spoil, words):
    before = files_of(published)
    published.done("key", "open-epoch", *published.media(2), "--ahead")
    spoil(published)

    assert words in published.refused("publish")

    after = files_of(published)
    assert after[STATUS] == before[STATUS]
    assert after[TRUST_KEYS] != before[TRUST_KEYS]
    assert read_public_file(published.folder / "public", TRUST_KEYS) == after[TRUST_KEYS]


def test_after_the_last_version_a_new_publication_key_is_what_helps(published, monkeypatch):
    monkeypatch.setattr(public_tree, "published_version", lambda *_: cbor.MAX_INTEGER)

    said = published.refused("publish")

    assert f"{TIMESTAMP_NAME} has version {cbor.MAX_INTEGER}, after which there is none" in said
    assert "certreg key rotate-publication" in said


def test_a_version_that_clients_have_seen_is_not_given_again_whatever_was_forgotten(published):
    seen = version_of(published)
    for _ in range(3):
        published.done("publish")
    # The memory is lost, and the clock is behind what was published quickly before.
    (published.folder / "keys" / "status" / "last").unlink()

    published.done("publish")

    assert version_of(published) > seen + 2
    files_of(published)


@pytest.mark.parametrize("lost", [STATUS, TIMESTAMP_NAME, TRUST_KEYS, "tuf/1.root.json"])
def test_a_tree_that_lost_a_file_is_not_whole_and_is_made_whole(published, lost):
    installation, custody = published.installation, Custody(load_settings(published.environ))
    assert is_whole(installation, custody)
    (published.folder / "public" / lost).unlink()

    assert not is_whole(installation, custody)
    published.done("publish")
    assert is_whole(installation, custody)
    files_of(published)
    installation.sessions.close()


def test_all_files_of_the_tree_are_readable_by_everybody(published):
    public = published.folder / "public"

    modes = {(public / name).stat().st_mode & 0o777 for name in public_names(public)}

    assert modes == {0o644}
