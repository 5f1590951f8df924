"""The commands that bring keys to their end: asked first, refused in words, and told what to do next."""

import signal
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from keys.key_file import KeyKind
from keys.store import KeyStore
from registry.certificate.tables import Entry
from registry.operator import ceremony
from tests.keys.small_register import ending_of
from tests.registry.operator.key_office import KeyOffice, people

NOW = datetime.now(UTC).isoformat()


@pytest.fixture
def office(founded_office, tmp_path, quick_id_checks, monkeypatch):
    """A founded register of one's own whose next epochs are small."""
    monkeypatch.setattr(ceremony, "EPOCH_ENTRIES", 20)
    founded_office.copied_to(tmp_path)
    return KeyOffice(tmp_path)


def statuses(office):
    query = select(Entry.status).order_by(Entry.entry)
    return office.installation.sessions.read(lambda session: list(session.scalars(query)))


def numbered(office, count):
    """Leave so many numbers without their signatures."""
    office.approved(*people(count))
    killed = KeyOffice(office.folder, {**office.environ, "CERTREG_CRASH_AT": "number.committed:kill"})
    assert ending_of(lambda: killed.certreg("issue")) == -signal.SIGKILL


@pytest.mark.parametrize(
    "command",
    [
        ("close-epoch",),
        ("retire", "STATUS", "--replace"),
        ("distrust", "ISSUING", "--compromised", "--alarm", NOW),
    ],
    ids=lambda command: command[0],
)
def test_nothing_is_done_unless_the_question_is_answered_with_yes(office, command):
    named = {"STATUS": office.status_key, "ISSUING": office.issuing}
    before = office.trust

    said = office.refused("key", *(named.get(word, word) for word in command), *office.media(2), input="n\n")

    assert "What will be done" in said
    assert (office.trust, office.custody.intents.current()) == (before, None)


def test_an_epoch_with_unsigned_numbers_stays_open_and_what_to_do_is_told(office):
    numbered(office, 2)

    said = office.refused("key", "close-epoch", "--yes", *office.media(2))

    assert "2 numbers wait for their signatures, from entry 1 on" in said
    assert not office.trust.keys[bytes.fromhex(office.issuing)].retired
    office.done("issue")
    office.ceremony("close-epoch")


def test_closing_without_a_next_epoch_says_that_nothing_is_numbered_until_one_is_open(office):
    assert "nothing is numbered until" in office.ceremony("close-epoch")

    assert "open one with `certreg key open-epoch`" in office.refused("key", "close-epoch", *office.media(2))
    office.done("key", "open-epoch", *office.media(2))
    assert office.issue(1)[0].endswith("000001")


def test_an_epoch_that_was_never_used_gives_up_one_entry(office):
    office.ceremony("close-epoch", "--next")
    office.issue(2)

    assert statuses(office) == ["void", "released", "released"]
    assert office.check_findings() == []


def test_closing_before_its_end_an_epoch_that_another_waits_behind_gives_up_the_rest(office):
    office.ceremony("close-epoch", "--next")
    office.done("key", "open-epoch", "--ahead", *office.media(2))
    office.issue(2)
    office.ceremony("close-epoch", office.issuing)
    office.issue(1)

    assert statuses(office) == ["void", *["released"] * 2, *["void"] * 18, "released"]
    assert office.check_findings() == []


@pytest.mark.parametrize(
    "command", [("close-epoch",), ("distrust", "ISSUING", "--compromised", "--alarm", NOW)]
)
def test_two_media_sign_a_ceremony_and_with_one_nothing_is_begun(office, command):
    key_id = office.issuing
    words = [key_id if word == "ISSUING" else word for word in command]

    said = office.refused("key", *words, "--yes", *office.media(1))

    assert "2 needed" in said
    assert (office.trust.version, office.custody.intents.current()) == (1, None)
    assert office.issue(1)


def test_a_root_key_that_nobody_pinned_counts_for_nothing(office):
    strange = office.folder / "strange"
    KeyStore(strange).create(KeyKind.ROOT, office.custody.identity, now=datetime.now(UTC))

    said = office.refused("key", "close-epoch", "--yes", *office.media(1), "--medium", strange)

    assert "1 root keys given, 2 needed" in said
    assert office.custody.intents.current() is None


def test_the_only_status_key_is_not_retired_without_another(office):
    only = office.status_key
    assert "--replace" in office.refused("key", "retire", only, "--yes", *office.media(2))

    office.ceremony("retire", only, "--replace")

    assert office.status_key != only
    assert office.trust.keys[bytes.fromhex(only)].retired
    office.done("publish")


def test_each_ceremony_is_for_its_own_kind_of_key(office):
    two = ("--yes", *office.media(2))
    issuing, status = office.issuing, office.status_key

    assert "close-epoch" in office.refused("key", "retire", issuing, *two)
    assert "has no epoch" in office.refused("key", "close-epoch", status, *two)
    assert "--alarm" in office.refused("key", "distrust", issuing, "--compromised", *two)
    assert "unknown key" in office.refused("key", "distrust", "00000000", "--compromised", *two).lower()
    office.refused("key", "distrust", issuing, "--alarm", NOW, *two, code=2)
    office.ceremony("distrust", issuing, "--compromised", "--alarm", NOW)
    assert "already" in office.refused("key", "distrust", issuing, "--compromised", "--alarm", NOW, *two)
    assert "distrusted" in office.refused("key", "close-epoch", issuing, *two)


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--alarm", "2026-11-21T09:30:00", "with its zone"),
        ("--alarm", "yesterday", "with its zone"),
        ("--also", "9-3", "neither an entry"),
        ("--also", "no-such-file", "neither an entry"),
        ("--also", "1-99999999999", "neither an entry"),
    ],
)
def test_what_can_not_be_read_is_wrong_use(office, option, value, why):
    said = office.refused(
        "key", "distrust", office.issuing, "--compromised", option, value, *office.media(2), code=2
    )

    assert why in said


@pytest.mark.parametrize("key_id", ["12", "not hex!", "0102030405"])
def test_a_key_id_has_eight_hex_digits(office, key_id):
    assert "8 hex digits" in office.refused("key", "retire", key_id, *office.media(2), code=2)


def test_an_alarm_in_the_future_is_refused(office):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    assert "later than now" in office.refused(
        "key", "distrust", office.issuing, "--compromised", "--alarm", later, "--yes", *office.media(2)
    )


def test_without_the_signers_journal_nothing_can_be_proved_and_nothing_is_begun(office):
    office.issue(1)
    (office.folder / "keys" / "signer" / "journal").unlink()

    office.refused(
        "key", "distrust", office.issuing, "--compromised", "--alarm", NOW, "--yes", *office.media(2)
    )

    assert office.custody.intents.current() is None
    assert office.trust.version == 1


def test_numbers_on_their_way_to_a_stolen_key_are_void_and_given_anew(office):
    office.issue(1)
    numbered(office, 2)
    report = office.folder / "report.txt"

    alarm = datetime.now(UTC).isoformat()
    said = office.ceremony("distrust", office.issuing, "--compromised", "--alarm", alarm, "--report", report)

    assert "2 numbers that were not released are void; 2 results get new ones" in said
    assert report.read_text("utf-8").count("void; its result is numbered anew") == 2
    assert "000004" in office.done("issue")
    assert statuses(office) == ["released", "void", "void", "released", "released"]
    assert office.check_findings() == []


def test_the_list_says_when_the_next_epoch_is_due(office):
    office.ceremony("close-epoch", "--next")
    assert "open the next epoch" not in office.done("key", "list")
    office.issue(18)
    assert "2 entries left: open the next epoch, certreg key open-epoch --ahead" in office.done("key", "list")
    office.done("key", "open-epoch", "--ahead", *office.media(2))
    assert "open the next epoch" not in office.done("key", "list")
    office.issue(2)
    said = office.done("key", "list")
    assert f"its block is used up: certreg key close-epoch {office.issuing}" in said


def test_an_unreadable_intent_is_told_and_stops_every_ceremony(office):
    path = office.custody.intents.path
    path.parent.mkdir(mode=0o700)
    path.write_text("{}", "utf-8")

    said = office.refused("key", "close-epoch", "--yes", *office.media(2))

    assert str(path) in said
    assert office.trust.version == 1
