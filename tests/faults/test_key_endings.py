"""Key ceremonies killed between any two of their steps: run again they go on, and there is never a second open epoch.

On SQLite alone: what may break here are files, and transactions that are tested elsewhere.
"""

import signal
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from keys.trust_changes import open_epochs
from registry.certificate.ceremonies import recorded
from registry.certificate.tables import Entry, Epoch
from registry.operator import ceremony
from signing import id_check
from signing.trust import open_trust_keys
from signing.verdict import Verdict, judge, open_public_state
from tests.keys.small_register import ending_of
from tests.registry.operator.key_office import KeyOffice, people

CRASH_AT = "CERTREG_CRASH_AT"

REGISTER = ["ceremony.before_commit", "ceremony.register"]
TRUST = ["ceremony.begun", "ceremony.key_made", "ceremony.trust"]
# Between the public files: ``test_publishing``.
PUBLIC = ["ceremony.recorded", "publish.done", "ceremony.published"]
ISSUING, OTHERS = [*TRUST, *REGISTER, *PUBLIC], [*TRUST, *PUBLIC]

KILLED = [
    *(("close-epoch", point) for point in ISSUING),
    *(("distrust issuing", point) for point in ISSUING),
    *(("retire", point) for point in OTHERS),
    *(("distrust status", point) for point in OTHERS),
    *(("open-epoch", point) for point in ("ceremony.key_made", "ceremony.trust")),
]


@pytest.fixture(scope="module")
def small_epochs():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ceremony, "EPOCH_ENTRIES", 20)
        patch.setattr(id_check, "ITERATIONS", 1)
        yield


@pytest.fixture(scope="module")
def issued_office(tmp_path_factory, small_epochs):
    """A register with three certificates; to be copied."""
    office = KeyOffice(tmp_path_factory.mktemp("office"))
    office.found()
    office.issue(3)
    return office


@pytest.fixture(scope="module")
def busy_office(tmp_path_factory, issued_office):
    """The same, stopped when two more were numbered and not signed; to be copied."""
    office = copied(issued_office, tmp_path_factory.mktemp("busy"))
    office.approved(*people(2))
    assert crashed(office, "number.committed:kill", "issue") == -signal.SIGKILL
    return office


def copied(office, folder):
    office.copied_to(folder)
    return KeyOffice(folder)


def crashed(office, crash, *arguments):
    """Run a command that meets a crash in a process of its own; return how it ended."""
    return ending_of(lambda: armed(office, crash).certreg(*arguments))


def armed(office, crash):
    """Return the same office, where a command meets a crash."""
    return KeyOffice(office.folder, {**office.environ, CRASH_AT: crash})


def command_of(name, office):
    """Return the command of a ceremony, as it is begun and as it is gone on with."""
    two = ("--yes", *office.media(2))
    match name:
        case "close-epoch":
            return ("key", "close-epoch", office.issuing, "--next", *two), ("key", "close-epoch", *two)
        case "retire":
            begin = ("key", "retire", office.status_key, "--replace", *two)
            return begin, begin
        case "open-epoch":
            begin = ("key", "open-epoch", "--ahead", *office.media(2))
            return begin, begin
        case "distrust issuing":
            begin = ("key", "distrust", office.issuing, "--compromised")
            return (*begin, "--alarm", datetime.now(UTC).isoformat(), *two), (*begin, *two)
    begin = ("key", "distrust", office.status_key, "--compromised", *two)
    return begin, begin


def open_in_register(office):
    query = select(Epoch.key_id).where(Epoch.closed_at.is_(None)).order_by(Epoch.first_entry)
    return office.installation.sessions.read(lambda session: list(session.scalars(query)))


def open_in_trust(office):
    return [epoch.key_id for epoch in open_epochs(office.trust)]


def verdicts(office):
    """Return what a verifier with the public files says of every token that was released."""
    public, custody = office.folder / "public", office.custody
    keys, status = ((public / name).read_bytes() for name in ("trust/keys.cbor", "status/status.cbor"))
    state = open_public_state(custody.root, keys, status, environment="test")
    query = select(Entry.token).where(Entry.status == "released")
    tokens = office.installation.sessions.read(lambda session: list(session.scalars(query)))
    return [judge(token, state, now=datetime.now(UTC)).verdict for token in tokens]


@pytest.mark.parametrize(("name", "point"), KILLED, ids=" ".join)
def test_a_ceremony_killed_at_any_step_goes_on_when_it_is_run_again(
    issued_office, busy_office, tmp_path, name, point
):
    office = copied(busy_office if name == "distrust issuing" else issued_office, tmp_path)
    begin, go_on = command_of(name, office)

    assert crashed(office, f"{point}:kill", *begin) == -signal.SIGKILL

    expected = 2 if name == "open-epoch" else 1
    assert len(open_in_trust(office)) <= expected
    assert len(open_in_register(office)) <= expected
    said = office.done(*go_on)

    assert open_in_register(office) == open_in_trust(office)
    assert len(open_in_trust(office)) == expected, said
    assert office.custody.intents.current() is None
    office.done("publish")
    assert office.check_findings() == []
    assert verdicts(office) == [Verdict.VALID] * 3
    require_one_ceremony(office, version=2)


def require_one_ceremony(office, *, version):
    """The trust bundle went one version on, each with one record, and the public has it."""
    assert office.trust.version == version
    told = office.installation.sessions.read(recorded)
    assert [one["version"] for one in told if one["file"] == "trust/keys"] == [1, version]
    data = (office.folder / "public" / "trust" / "keys.cbor").read_bytes()
    assert open_trust_keys(data, office.custody.root).version == version


def test_an_error_after_the_trust_bundle_was_kept_is_gone_on_from(issued_office, tmp_path):
    office = copied(issued_office, tmp_path)
    begin, go_on = command_of("close-epoch", office)

    assert "crash point" in armed(office, "ceremony.trust:done").refused(*begin)

    assert office.trust.version == 2
    assert open_in_register(office) == []
    office.done(*go_on)
    assert open_in_register(office) == open_in_trust(office)
    require_one_ceremony(office, version=2)


def test_what_was_on_its_way_to_a_stolen_key_gets_its_certificates_after_any_kill(busy_office, tmp_path):
    office = copied(busy_office, tmp_path)
    begin, go_on = command_of("distrust issuing", office)
    assert crashed(office, "ceremony.register:kill", *begin) == -signal.SIGKILL

    # Nobody is numbered for a key that is about to die, nor under the next one before it is there.
    assert "no epoch is open" in office.refused("issue")
    office.done(*go_on)
    office.done("issue")

    assert verdicts(office) == [Verdict.VALID] * 5
    query = select(Entry.status).order_by(Entry.entry)
    statuses = office.installation.sessions.read(lambda session: list(session.scalars(query)))
    assert statuses == ["released"] * 3 + ["void"] * 2 + ["released"] * 2


def test_while_a_ceremony_is_unfinished_no_other_one_begins(issued_office, tmp_path):
    office = copied(issued_office, tmp_path)
    begin, go_on = command_of("distrust issuing", office)
    assert crashed(office, "ceremony.begun:kill", *begin) == -signal.SIGKILL

    two = ("--yes", *office.media(2))
    others = [
        ("key", "close-epoch", *two),
        ("key", "retire", office.status_key, "--replace", *two),
        ("key", "open-epoch", "--ahead", *office.media(2)),
        ("key", "distrust", office.status_key, "--compromised", *two),
        (*go_on, "--also", "3"),
        (*go_on, "--alarm", "2026-01-01T00:00:00Z"),
    ]
    for other in others:
        said = office.refused(*other)
        assert f"certreg key distrust {begin[2]}" in said, other
    assert "unfinished" in office.done("key", "list")
    assert office.trust.version == 1
    office.done(*begin)
    assert "unfinished" not in office.done("key", "list")
