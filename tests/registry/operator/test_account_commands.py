"""Accounts and their keys by command."""

import stat
from contextlib import closing

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from registry.journal.tables import Event
from registry.people.accounts import create_account
from registry.people.permission import NATIONAL, Role
from registry.people.tables import Appointment
from signing import cose
from tests.instants import NOON
from tests.registry.operator.office import ISSUER

REGISTRAR = select(Appointment.account_id).where(Appointment.role == Role.REGISTRAR)

WRONG_ROLES = [
    ("registrar", 2, "ROLE:SCOPE"),
    ("registrar:", 2, "ROLE:SCOPE"),
    ("king:CN", 2, "ROLE one of submitter"),
    ("submitter:S0099", 1, "directory show"),
    ("submitter:CN", 1, "directory show"),
    ("province_reviewer:21", 1, "CN-21"),
    ("province_reviewer:CN-99", 1, "CN-21"),
    ("centre_reviewer:CN-21", 1, "centre_reviewer:CN"),
    ("body_system:S0099", 1, "directory show"),
    ("body_administrator:CN", 1, "directory show"),
    ("registrar:S0002", 1, "registrar:CN"),
]


@pytest.mark.parametrize(("role", "code", "remedy"), WRONG_ROLES)
def test_a_role_over_nothing_is_refused_and_makes_no_key(office, role, code, remedy):
    before = office.done("account", "list")

    said = office.refused("account", "create", "x", "--role", role, "--key", office.key("x"), code=code)

    assert remedy in said
    assert not office.key("x").exists()
    assert office.done("account", "list") == before


def test_an_account_gets_its_key_in_a_file_of_its_own(office):
    said = office.done(
        "account", "create", "新人", "--role", f"submitter:{ISSUER}", "--key", office.key("new")
    )

    assert "for a submission" in said
    assert stat.S_IMODE(office.key("new").stat().st_mode) == 0o600
    key_id = said.split("key")[1].split()[0]
    listed = office.done("account", "list")
    assert f"新人  submitter:{ISSUER}" in listed
    assert f"key {key_id} for a submission" in listed


def test_the_journal_knows_who_appointed(office):
    office.done("account", "create", "新人", "--role", f"submitter:{ISSUER}", "--key", office.key("new"))

    newest = select(Event).order_by(Event.id.desc()).limit(2)
    with closing(office.installation.sessions) as sessions:
        events = sessions.read(lambda session: session.scalars(newest).all())
        registrar = sessions.read(lambda session: session.scalar(REGISTRAR))

    assert [event.act for event in events] == ["enrol_key", "create_account"]
    assert {event.actor_id for event in events} == {registrar}


def test_a_reviewers_key_is_for_decisions(office):
    said = office.done("account", "create", "r", "--role", "office_reviewer:CN", "--key", office.key("r"))

    assert "for a decision" in said


def test_a_key_file_is_never_overwritten(office):
    before = office.key("body").read_bytes()

    said = office.refused("account", "create", "x", "--role", "registrar:CN", "--key", office.key("body"))

    assert "never overwritten" in said
    assert office.key("body").read_bytes() == before


@pytest.mark.parametrize("name", ["key", "key.pem", "key.pub"])
def test_a_key_file_has_its_own_ending(office, name):
    said = office.refused(
        "account", "create", "x", "--role", "registrar:CN", "--key", office.folder / name, code=2
    )

    assert ".age" in said


def test_an_account_without_a_role_is_wrong_use(office):
    assert "--role" in office.refused("account", "create", "x", code=2)


def test_of_several_registrars_one_must_be_named(office):
    second = office.installation.sessions.run(
        lambda session: create_account(session, "第二登记员", {(Role.REGISTRAR, NATIONAL)}, now=NOON)
    )

    said = office.refused("issue")

    assert "--as" in said
    assert f"{second.account_id}  第二登记员" in said
    assert "没有待颁发" in office.done("--as", second.account_id, "issue")


def test_an_account_that_is_not_there_can_not_act(office):
    nobody = "00000000-0000-0000-0000-000000000000"

    assert "account list" in office.refused("--as", nobody, "issue")
    assert "UUID" in office.refused("--as", "somebody", "issue", code=2)


def test_an_account_acts_with_its_own_roles_only(office):
    listed = office.done("account", "list")
    body = next(line.split()[0] for line in listed.splitlines() if "submitter:" in line)
    number = "S000221000002261000001"

    assert "may not open_series" in office.refused(
        "--as",
        body,
        "series",
        "open",
        "--issuer",
        ISSUER,
        "--province",
        "21",
        "--site",
        "000002",
        "--year",
        "2031",
    )
    assert "no certificate" in office.refused(
        "--as", body, "revoke", number, "--reason", "exam_fraud", "--yes"
    )


@pytest.mark.parametrize("form", ["hex", "pem"])
def test_a_key_that_its_holder_made_is_enrolled_by_its_public_part_alone(office, form):
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    pem = office.folder / "public.pem"
    pem.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    given = public.public_bytes_raw().hex() if form == "hex" else pem

    said = office.done("account", "create", "自有密钥", "--role", f"submitter:{ISSUER}", "--public", given)

    assert cose.key_id(public.public_bytes_raw()).hex() in said
    assert "its holder's own" in said


@pytest.mark.parametrize("given", ["abcd", "zz" * 32, "nowhere.pem"])
def test_what_is_no_public_key_is_wrong_use(office, given):
    before = office.done("account", "list")

    said = office.refused(
        "account", "create", "某", "--role", f"submitter:{ISSUER}", "--public", given, code=2
    )

    assert "64 hex digits" in said
    assert office.done("account", "list") == before


def test_a_key_is_made_here_or_elsewhere_not_both(office):
    said = office.refused(
        "account",
        "create",
        "某",
        "--role",
        f"submitter:{ISSUER}",
        "--key",
        office.key("x"),
        "--public",
        "00" * 32,
        code=2,
    )

    assert "not both" in said


def test_a_key_of_small_order_is_not_enrolled(office):
    before = office.done("account", "list")

    office.refused("account", "create", "某", "--role", f"submitter:{ISSUER}", "--public", "01" + "00" * 31)

    assert office.done("account", "list") == before


@pytest.mark.parametrize(
    ("role", "purpose"), [("body_administrator", "administration"), ("body_system", "access")]
)
def test_the_first_key_of_a_bodys_account_is_for_what_its_role_is(office, role, purpose):
    said = office.done("account", "create", role, "--role", f"{role}:{ISSUER}", "--key", office.key(role))

    assert f"for {purpose}" in said
    assert "roster" not in said
    assert f"for {purpose}, until" in office.done("account", "list")


def account_of(office, name):
    listed = office.done("account", "list").splitlines()
    return next(line.split()[0] for line in listed if f"  {name}  " in line)


def test_a_bodys_account_takes_an_access_key_which_is_revoked_for_ever(office):
    account = account_of(office, "body")

    said = office.done("account", "enrol", account, "--purpose", "access", "--key", office.key("access"))
    key_id = said.split()[1]
    assert f"key {key_id} for access, until" in office.done("account", "list")

    assert "for ever" not in office.refused("account", "revoke-key", key_id, input="n\n")
    assert f"key {key_id} for access, until" in office.done("account", "list")
    assert "is revoked" in office.done("account", "revoke-key", key_id, "--yes")
    assert f"key {key_id} for access, revoked" in office.done("account", "list")
    office.done("account", "revoke-key", key_id, "--yes")


@pytest.mark.parametrize(
    ("name", "purpose", "words"),
    [
        ("body", "administration", "body_administrator"),
        ("office", "access", "body_system, submitter"),
        ("office", "submission", "submitter"),
    ],
)
def test_a_key_goes_with_the_role_of_its_account(office, name, purpose, words):
    said = office.refused(
        "account", "enrol", account_of(office, name), "--purpose", purpose, "--key", office.key("x")
    )

    assert words in said
    assert not office.key("x").exists()


def test_an_enrolment_needs_a_key_and_an_account(office):
    nobody = "00000000-0000-0000-0000-000000000000"

    assert "--public" in office.refused(
        "account", "enrol", account_of(office, "body"), "--purpose", "access", code=2
    )
    assert "account list" in office.refused(
        "account", "enrol", nobody, "--purpose", "access", "--public", "00" * 32
    )
    assert "decision" in office.refused("account", "enrol", nobody, "--purpose", "decision", code=2)


def test_a_reviewers_key_is_not_revoked_here(office):
    listed = office.done("account", "list").splitlines()
    key_id = next(line.split()[1] for line in listed if "for a decision" in line)

    assert f"no key {key_id}" in office.refused("account", "revoke-key", key_id, "--yes")
