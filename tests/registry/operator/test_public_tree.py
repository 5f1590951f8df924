"""Publishing: versions that only grow, and a trust bundle that comes out whatever became of the rows."""

import shutil

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
from signing.status import Status
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


def released_by_a_word(office):
    """Leave a certificate that no status told of yet without its token; return the token."""
    before = office.folder / "before"
    for place in ("keys/status", "public"):
        shutil.copytree(office.folder / place, before / place)
    office.approved(submissions.row(2))
    office.done("issue")
    for place in ("keys/status", "public"):
        shutil.rmtree(office.folder / place)
        shutil.copytree(before / place, office.folder / place)
    installation = office.installation
    token = installation.sessions.read(
        lambda session: session.scalar(text("SELECT token FROM entry WHERE entry = 2"))
    )
    installation.sessions.close()
    written("UPDATE entry SET token = NULL WHERE entry = 2")(office)
    return token


def token_of_another(office):
    """Give a certificate that nobody signed the token of one that was."""
    released_by_a_word(office)
    written(
        "UPDATE entry SET token = (SELECT token FROM entry WHERE entry = 1), "
        "to_be_signed = (SELECT to_be_signed FROM entry WHERE entry = 1) WHERE entry = 2"
    )(office)


SPOILT = {
    "a row says released": (released_by_a_word, "entry 2 is released in the register, and has no token"),
    "a token of another entry": (token_of_another, "entry 2 is released in the register, and has no token"),
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


def test_what_a_word_in_a_row_released_is_never_told_and_can_be_mended(published):
    token = released_by_a_word(published)
    published.refused("publish")
    published.refused("publish")

    written(f"UPDATE entry SET token = x'{token.hex()}' WHERE entry = 2")(published)
    published.done("publish")

    status = Status.from_payload((published.folder / "keys" / "status" / "last").read_bytes())
    assert (status.size, status.unreleased) == (2, frozenset())


@pytest.mark.parametrize("key", ["memory", "memory and public status"])
def test_a_status_after_the_memory_was_lost_asks_for_the_tokens_again_where_nobody_told(published, key):
    (published.folder / "keys" / "status" / "last").unlink()
    if key != "memory":
        (published.folder / "public" / STATUS).unlink()

    published.done("publish")
    written("UPDATE entry SET token = NULL")(published)

    published.done("publish")
    (published.folder / "keys" / "status" / "last").unlink()
    published.done("publish")
    (published.folder / "keys" / "status" / "last").unlink()
    (published.folder / "public" / STATUS).unlink()
    assert "entry 1 is released in the register" in published.refused("publish")


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
