"""``certreg key roster``: what two custodians are shown, and what they sign."""

import pytest
from sqlalchemy import delete, select, update

from registry.operator.custody import Custody, present
from registry.operator.working_keys import WorkingKeys
from registry.people.tables import Appointment, EnrolledKey
from registry.settings import load_settings
from signing.root import SignedFile


def roster(office, *arguments, **more):
    return office.done("key", "roster", *office.custodians(), *arguments, **more)


def custody_of(office):
    return Custody(load_settings(office.environ))


def signed_roster(office):
    return custody_of(office).signed_roster()


def roster_file(office):
    return office.folder / "keys" / "signer" / "roster.cbor"


def appoint(office, name, role):
    """Appoint somebody; return the id of his key."""
    said = office.done("account", "create", name, "--role", role, "--key", office.key(name))
    return said.split("key")[1].split()[0]


def tamper(office, *statements):
    installation = office.installation
    installation.sessions.run(lambda session: [session.execute(statement) for statement in statements])
    installation.sessions.close()


@pytest.fixture
def staffed(office):
    """An office whose people stand in the roster."""
    roster(office, "--yes")
    return office


def test_at_the_founding_the_registrar_stands_in_the_roster(empty_office):
    empty_office.done("init")
    empty_office.done("key", "found", *empty_office.media(), *empty_office.custodians())

    first = signed_roster(empty_office)

    assert [(entry.duty, entry.jurisdiction) for entry in first.entries] == [("series", "CN")]
    assert first.version == 1


def test_who_is_new_is_shown_with_a_plus_and_signed_when_somebody_says_yes(staffed):
    before = signed_roster(staffed)
    key = appoint(staffed, "新审核员", "centre_reviewer:CN")

    said = roster(staffed, input="y\n")

    (line,) = [line for line in said.splitlines() if line.startswith("  + ")]
    assert line.split()[1:5] == [key, "centre", "CN", "until"]
    assert not [line for line in said.splitlines() if line.startswith("  - ")]
    assert "Let two custodians sign this roster?" in said
    after = signed_roster(staffed)
    assert f"roster     version {after.version}, {len(after.entries)} duties" in said
    assert (after.version, len(after.entries)) == (before.version + 1, len(before.entries) + 1)
    assert key in {entry.key_id.hex() for entry in after.entries}


def test_who_says_no_signs_nothing(staffed):
    appoint(staffed, "新审核员", "centre_reviewer:CN")
    before = roster_file(staffed).read_bytes()

    said = staffed.refused("key", "roster", *staffed.custodians(), input="n\n")

    assert "Aborted" in said
    assert roster_file(staffed).read_bytes() == before


def test_who_is_gone_is_shown_with_a_minus(staffed):
    key = appoint(staffed, "离任者", "centre_reviewer:CN")
    roster(staffed, "--yes")
    gone = select(EnrolledKey.account_id).where(EnrolledKey.key_id == bytes.fromhex(key)).scalar_subquery()
    tamper(staffed, delete(Appointment).where(Appointment.account_id == gone))

    said = roster(staffed, "--yes")

    assert [line.split()[:2] for line in said.splitlines() if line.startswith("  ")] == [["-", key]]
    assert key not in {entry.key_id.hex() for entry in signed_roster(staffed).entries}


def test_a_key_that_was_revoked_is_shown_as_it_was_and_as_it_is(staffed):
    key = appoint(staffed, "遗失密钥者", "office_reviewer:CN")
    roster(staffed, "--yes")
    revoked_at = present().replace(microsecond=0)
    of = EnrolledKey.key_id == bytes.fromhex(key)
    tamper(staffed, update(EnrolledKey).where(of).values(revoked_at=revoked_at))

    said = roster(staffed, "--yes")

    lines = [line.split() for line in said.splitlines() if line.startswith("  ")]
    assert [(line[0], line[1], line[4]) for line in lines] == [("+", key, "revoked"), ("-", key, "until")]
    assert f"revoked {revoked_at:%Y-%m-%d %H:%M}Z" in said
    (entry,) = [entry for entry in signed_roster(staffed).entries if entry.key_id.hex() == key]
    assert entry.revoked_at == revoked_at

    # What the database says afterwards, no custodian signs.
    tamper(staffed, update(EnrolledKey).where(of).values(revoked_at=None))
    refused = staffed.refused("key", "roster", *staffed.custodians(), "--yes")
    assert f"key {key} of the roster was revoked and can not return" in refused


def test_a_key_that_was_given_to_somebody_else_is_not_signed(staffed):
    keys = {name: appoint(staffed, name, "centre_reviewer:CN") for name in ("甲", "乙")}
    roster(staffed, "--yes")
    first, second = (EnrolledKey.key_id == bytes.fromhex(key) for key in keys.values())
    other = select(EnrolledKey.account_id).where(second).scalar_subquery()
    tamper(staffed, update(EnrolledKey).where(first).values(account_id=other))

    said = staffed.refused("key", "roster", *staffed.custodians(), "--yes")

    assert f"key {keys['甲']} of the roster changed hands" in said


def test_with_nothing_to_do_nobody_is_asked_and_nothing_is_written(staffed):
    before = roster_file(staffed).read_bytes()

    said = roster(staffed)

    assert said == f"the roster is as it was, version {signed_roster(staffed).version}\n"
    assert roster_file(staffed).read_bytes() == before


@pytest.mark.parametrize(
    ("media", "code", "words"),
    [
        (lambda office: office.custodians(0), 1, "1 custodian keys in good standing given, 2 needed"),
        (lambda office: office.custodians(0, 0), 2, "of its own"),
        (lambda office: (), 2, "--custodian-medium"),
        (
            lambda office: [part.replace("--medium", "--custodian-medium") for part in office.media(2)],
            1,
            "0 custodian keys",
        ),
    ],
    ids=["one custodian", "one custodian twice", "none", "root keys"],
)  # fmt: skip
def test_fewer_than_two_custodians_sign_nothing(staffed, media, code, words):
    appoint(staffed, "新审核员", "centre_reviewer:CN")
    before = roster_file(staffed).read_bytes()

    assert words in staffed.refused("key", "roster", *media(staffed), "--yes", code=code)

    assert roster_file(staffed).read_bytes() == before


def test_before_the_keys_are_founded_there_is_nothing_to_sign_with(empty_office):
    empty_office.done("init")

    assert "certreg key found" in empty_office.refused("key", "roster", *empty_office.custodians(), "--yes")


def test_a_roster_that_too_few_custodians_of_now_signed_is_signed_anew_even_as_it_is(staffed):
    staffed.approved()
    before, path = signed_roster(staffed), roster_file(staffed)
    file = SignedFile.from_bytes(path.read_bytes())
    path.write_bytes(SignedFile(file.payload, file.signatures[:1]).to_bytes())
    assert "signed by 1 custodians in good standing, 2 needed" in staffed.refused("issue")

    said = roster(staffed, "--yes")

    assert "is not one that custodians vouch for: signed by 1 custodians" in said
    assert said.count("  + ") == len(before.entries)
    after = signed_roster(staffed)
    assert (after.version, after.entries) == (before.version + 1, before.entries)
    assert "已签名 3，已发布 3" in staffed.done("issue")


def test_whoever_stands_in_no_roster_decides_nothing_until_custodians_signed(office):
    appoint(office, "迟到者", "office_reviewer:CN")
    roster(office, "--yes")
    late = appoint(office, "更迟者", "office_reviewer:CN")
    submission = office.submitted()
    for name in ("province", "centre", "更迟者"):
        office.done("review", submission, "--key", office.key(name), "--yes")

    said = office.refused("issue")

    assert "已编号 3，已签名 0，已发布 0" in said
    # Each entry is told with the key that the signer does not know.
    assert said.count(late) == 3
    roster(office, "--yes")
    assert "已编号 0，已签名 3，已发布 3" in office.done("issue")


def test_without_a_roster_nothing_is_signed_and_one_is_told_what_to_do(staffed):
    staffed.approved()
    roster_file(staffed).unlink()

    assert "certreg key roster" in staffed.refused("issue")

    roster(staffed, "--yes")
    assert "已发布 3" in staffed.done("issue")


def test_a_worker_takes_up_a_new_roster_by_itself(staffed):
    keys = WorkingKeys(load_settings(staffed.environ))
    first = keys.signers()
    assert keys.signers() is first

    appoint(staffed, "新审核员", "centre_reviewer:CN")
    roster(staffed, "--yes")

    assert keys.signers() is not first
    assert keys.signers() is keys.signers()
    keys.close()


def test_a_roster_that_came_back_is_found_by_the_check(staffed):
    before = roster_file(staffed).read_bytes()
    appoint(staffed, "新审核员", "centre_reviewer:CN")
    roster(staffed, "--yes")
    assert staffed.done("check", "--full")

    roster_file(staffed).write_bytes(before)

    said = staffed.refused("check", "--full")
    assert "keys/signer/roster.cbor: the journal knows version 3 of it: this is an old copy" in said
