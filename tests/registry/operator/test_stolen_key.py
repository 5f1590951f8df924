"""The drill of the day a key is stolen: the thief has the private key and every public file; both verifiers judge.

Before the declaration some forgeries pass, and which ones is written down here: that is what the declaration is for.
After it none does, offline or online, and every honest certificate stays valid.
"""

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from keys.key_file import KeyKind
from keys.signer.file_signer import FileSigner
from keys.status_file import sign_status
from registry.certificate.tables import Certificate, Entry
from registry.operator import ceremony
from registry.publication.door import open_lookup
from signing import cose, id_check
from signing.offline.command import main as certverify
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Statement
from signing.status import open_status
from signing.token import statement_to_be_signed
from signing.trust import open_trust_keys
from signing.verdict import judge, open_public_state
from tests.registry.operator.key_office import KeyOffice
from tests.verify_web.node import run_in_node

ENVIRONMENT = "test"
FILES = ("trust/keys.cbor", "status/status.cbor")
BLOCK = 20


@dataclass(frozen=True)
class Public:
    """The two public files that decide verdicts, as somebody has them."""

    keys: bytes
    status: bytes


class Thief:
    """Whoever copied the private key; makes tokens that say what he likes."""

    def __init__(self, signer: FileSigner) -> None:
        self.signer = signer

    def token(self, statement: Statement) -> bytes:
        key_id = self.signer.key_id
        bytes_ = statement_to_be_signed(statement, key_id=key_id, environment=ENVIRONMENT)
        return cose.assemble(key_id=key_id, payload=statement.to_bytes(), signature=self.signer.sign(bytes_))


@dataclass
class Drill:
    """An office, the tokens that people hold by entry, the thief, and what he forged by kind."""

    office: KeyOffice
    thief: Thief
    held: dict[int, bytes]
    forged: dict[str, bytes]
    before: Public
    alarm: datetime

    def public(self) -> Public:
        """The files as they are public now."""
        return Public(*((self.office.folder / "public" / name).read_bytes() for name in FILES))

    def judged(self, tokens: dict, public: Public, *, now: datetime | None = None) -> dict:
        """Return verdict and reason of each token, on which both verifiers agree."""
        now, root = now or datetime.now(UTC), self.office.custody.root
        state = open_public_state(root, public.keys, public.status, environment=ENVIRONMENT)
        python = [judge(token, state, now=now) for token in tokens.values()]
        question = {
            "root": json.loads(root.to_json()),
            "keys": public.keys.hex(),
            "status": public.status.hex(),
            "environment": ENVIRONMENT,
            "tokens": [[token.hex(), now.timestamp()] for token in tokens.values()],
        }
        (page,) = run_in_node("judge", [question])
        answers = [(judged.verdict.value, judged.reason.value) for judged in python]
        assert [tuple(answer[:2]) for answer in page] == answers
        return dict(zip(tokens, answers, strict=True))

    def looked_up(self, number: str, name: str) -> object:
        """Ask the public site's look-up."""
        settings = self.office.installation.settings
        root = self.office.custody.root
        lookup = open_lookup(
            settings.database_url,
            settings.lookup_key_file,
            trust=lambda: open_trust_keys(self.public().keys, root),
            now=lambda: datetime.now(UTC),
        )
        return lookup.by_number(number, name)


def held_by_people(office: KeyOffice) -> dict[int, bytes]:
    query = select(Entry.entry, Entry.token).where(Entry.status == "released")
    return office.installation.sessions.read(lambda session: dict(session.execute(query).all()))


def statement_in(token: bytes) -> Statement:
    payload = cose.Envelope.from_bytes(token).payload
    assert payload is not None
    return Statement.from_bytes(payload)


def forgeries(thief: Thief, held: dict[int, bytes]) -> dict[str, bytes]:
    """What a thief makes of what he sees: the kinds of HOLDER, DATE and PLACE."""
    model = statement_in(held[1])
    last = max(held)
    return {
        "new entry": thief.token(replace(model, entry=last + 1, holder_name="窃贼甲")),
        "far new entry": thief.token(replace(model, entry=BLOCK, holder_name="窃贼乙")),
        "back-dated new entry": thief.token(
            replace(model, entry=last + 2, issued_on=model.issued_on - timedelta(days=300))
        ),
        "altered name": thief.token(replace(model, holder_name="窃贼丙")),
        "altered level": thief.token(replace(model, level=3 if model.level != 3 else 1)),
        "back-dated released entry": thief.token(
            replace(statement_in(held[2]), issued_on=date(2020, 1, 1), holder_name="窃贼丁")
        ),
        "outside the block": thief.token(replace(model, entry=BLOCK + 1)),
        "after the last day": thief.token(replace(model, issued_on=model.issued_on + timedelta(days=400))),
    }


# Before the declaration: the first lines are refused or doubted whatever the thief does; what copies a released entry
# passes everywhere offline, and only the look-up knows better.
BEFORE = {
    "new entry": ("cannot_tell", "newer_than_status"),
    "far new entry": ("cannot_tell", "newer_than_status"),
    "back-dated new entry": ("cannot_tell", "newer_than_status"),
    "altered name": ("valid", "valid"),
    "altered level": ("valid", "valid"),
    "back-dated released entry": ("valid", "valid"),
    "outside the block": ("not_genuine", "outside_key_range"),
    "after the last day": ("not_genuine", "after_key_end"),
}
# After it. The dead key's block ends with what it was given, so what lies beyond is outside of it.
AFTER = {
    **dict.fromkeys(BEFORE, ("not_genuine", "key_distrusted")),
    **dict.fromkeys(
        ("new entry", "far new entry", "back-dated new entry", "outside the block"),
        ("not_genuine", "outside_key_range"),
    ),
    "after the last day": ("not_genuine", "after_key_end"),
}


@pytest.fixture(scope="module")
def drill(tmp_path_factory) -> Drill:
    """Ten certificates, a theft, forgeries, the alarm; nothing declared yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ceremony, "EPOCH_ENTRIES", BLOCK)
        patch.setattr(id_check, "ITERATIONS", 1)
        office = KeyOffice(tmp_path_factory.mktemp("stolen"))
        office.found()
        office.issue(10)
        custody = office.custody
        key_id = bytes.fromhex(office.issuing)
        thief = Thief(FileSigner.open(custody.store, KeyKind.CERTIFICATE, key_id, custody.identity))
        held = held_by_people(office)
        made = Drill(office, thief, held, forgeries(thief, held), None, datetime.now(UTC))
        made.before = made.public()
        yield made


@pytest.fixture(scope="module")
def judged_before(drill) -> dict:
    """What verifiers say of the forgeries, and of the honest ones, before anything is declared."""
    return drill.judged(drill.forged | drill.held, drill.before)


@pytest.fixture(scope="module")
def declared(drill, judged_before) -> Drill:
    """The same after the declaration; tells how long it took from the alarm to the published files."""
    started = time.monotonic()
    drill.office.ceremony(
        "distrust", drill.thief.signer.key_id.hex(), "--compromised", "--alarm", drill.alarm.isoformat()
    )
    command, alarm = time.monotonic() - started, datetime.now(UTC) - drill.alarm
    print(f"\nstolen key: distrust published {alarm.total_seconds() / 60:.2f} min after the alarm", end="")
    print(f" (aim 30), {command:.1f} s of it the command's")
    return drill


def test_before_the_declaration_these_forgeries_pass_and_these_do_not(drill, judged_before):
    assert {kind: judged_before[kind] for kind in drill.forged} == BEFORE
    assert {judged_before[entry] for entry in drill.held} == {("valid", "valid")}


def test_before_the_declaration_the_look_up_shows_the_register_s_certificate_and_no_forgery(drill):
    honest = statement_in(drill.held[1])
    number = number_of(drill, 1)

    assert drill.looked_up(number, honest.holder_name).holder_name == honest.holder_name
    assert drill.looked_up(number, statement_in(drill.forged["altered name"]).holder_name) is None


def number_of(drill: Drill, entry: int) -> str:
    query = select(Certificate.number).join(Entry).where(Entry.entry == entry)
    return drill.office.installation.sessions.read(lambda session: session.scalar(query))


def test_after_it_every_forgery_is_refused_and_every_honest_certificate_is_valid(declared):
    judged = declared.judged(declared.forged | declared.held, declared.public())

    assert {kind: judged[kind] for kind in declared.forged} == AFTER
    assert {judged[entry] for entry in declared.held} == {("valid", "valid")}


def test_after_it_the_look_up_shows_every_honest_certificate_and_no_forgery(declared):
    for entry, token in declared.held.items():
        name = statement_in(token).holder_name
        assert declared.looked_up(number_of(declared, entry), name).holder_name == name
    for token in declared.forged.values():
        forged = statement_in(token)
        if forged.holder_name.startswith("窃贼"):
            assert declared.looked_up(number_of(declared, 1), forged.holder_name) is None


def test_a_forgery_written_into_the_register_is_shown_to_nobody(declared, tmp_path):
    office = KeyOffice(declared.office.folder)
    forged = declared.forged["altered name"]
    number, honest = number_of(declared, 1), declared.held[1]

    def write(token):
        def act(session):
            session.get(Entry, 1).token = token

        office.installation.sessions.run(act)

    write(forged)
    try:
        assert declared.looked_up(number, statement_in(forged).holder_name) is None
    finally:
        write(honest)
    assert declared.looked_up(number, statement_in(honest).holder_name) is not None


def test_an_earlier_trust_bundle_with_the_newer_status_can_not_tell(declared):
    mixed = Public(declared.before.keys, declared.public().status)
    judged = declared.judged(declared.forged | declared.held, mixed)

    outdated = ("cannot_tell", "trust_bundle_outdated")
    assert {judged[entry] for entry in declared.held} == {outdated}
    for kind, answer in judged.items():
        assert answer[0] != "valid", kind
    assert judged["altered name"] == judged["back-dated released entry"] == outdated


def test_the_newer_trust_bundle_refuses_forgeries_with_any_earlier_status(declared):
    mixed = Public(declared.public().keys, declared.before.status)
    judged = declared.judged(declared.forged | declared.held, mixed)

    assert {kind: judged[kind] for kind in declared.forged} == AFTER
    assert {judged[entry] for entry in declared.held} == {("valid", "valid")}


def test_who_is_kept_from_both_new_files_believes_the_thief_until_his_status_is_too_old(declared):
    month = datetime.now(UTC) + timedelta(days=31)

    assert declared.judged(declared.forged, declared.before)["altered name"] == ("valid", "valid")
    assert declared.judged(declared.forged, declared.before, now=month)["altered name"] == (
        "cannot_tell",
        "status_too_old",
    )


def test_the_thief_s_key_signs_no_status(declared):
    custody = declared.office.custody
    payload = open_status(declared.public().status, custody.trust).to_payload()
    key_id = declared.thief.signer.key_id
    to_be_signed = cose.to_be_signed(
        key_id=key_id, payload=payload, environment=ENVIRONMENT, kind=cose.Kind.STATUS
    )
    forged = cose.assemble(key_id=key_id, payload=payload, signature=declared.thief.signer.sign(to_be_signed))

    judged = declared.judged(declared.held, Public(declared.public().keys, forged))

    assert set(judged.values()) == {("cannot_tell", "status_not_verifiable")}


def test_the_register_goes_on_with_the_next_key_and_the_check_finds_nothing(declared):
    numbers = declared.office.issue(3)
    held = held_by_people(declared.office)

    assert len(numbers) == 3
    assert set(declared.judged(held, declared.public()).values()) == {("valid", "valid")}
    assert max(held) == 13
    assert declared.office.check_findings() == []


@pytest.fixture
def own_drill(tmp_path, monkeypatch, quick_id_checks) -> KeyOffice:
    """A register of one's own with four certificates."""
    monkeypatch.setattr(ceremony, "EPOCH_ENTRIES", BLOCK)
    office = KeyOffice(tmp_path)
    office.found()
    office.issue(4)
    return office


def test_a_stolen_status_key_is_replaced_first_and_its_statuses_stop_verifying(own_drill):
    office = own_drill
    custody, stolen = office.custody, bytes.fromhex(office.status_key)
    signer = FileSigner.open(custody.store, KeyKind.STATUS, stolen, custody.identity)
    number = office.issue(1)[0]
    office.done("revoke", number, "--reason", "exam_fraud", "--yes")
    drill = Drill(office, Thief(signer), held_by_people(office), {}, None, datetime.now(UTC))
    revoked = office.installation.sessions.read(
        lambda session: session.scalar(select(Entry.token).where(Entry.status == "revoked"))
    )
    status = open_status(drill.public().status, custody.trust)
    revived = replace(status, version=status.version + 1, revoked=frozenset())
    forged = Public(drill.public().keys, sign_status(revived.to_payload(), signer, trust=custody.trust))
    assert drill.judged({"revoked": revoked}, forged) == {"revoked": ("valid", "valid")}

    office.ceremony("distrust", stolen.hex(), "--compromised")

    everything = {"revoked": revoked, **drill.held}
    now = drill.judged(everything, drill.public())
    assert now.pop("revoked") == ("revoked", "revoked")
    assert set(now.values()) == {("valid", "valid")}
    later = drill.judged(everything, Public(drill.public().keys, forged.status))
    assert set(later.values()) == {("cannot_tell", "status_not_verifiable")}
    assert office.check_findings() == []


def test_what_was_released_after_the_alarm_is_refused_until_a_person_vouches_for_it(own_drill, tmp_path):
    office = own_drill
    alarm = datetime.now(UTC)
    office.issue(3)
    (tmp_path / "also.txt").write_text("5\n7-7\n", "ascii")
    report = tmp_path / "report.txt"

    said = office.ceremony(
        "distrust", office.issuing, "--compromised", "--alarm", alarm.isoformat(),
        "--also", tmp_path / "also.txt", "--report", report,
    )  # fmt: skip

    assert "Entries 6" in said
    assert report.read_text("utf-8").splitlines() == [
        "6\treleased after the alarm: refused; have it corrected, or revoke it"
    ]
    held = held_by_people(office)
    drill = Drill(office, None, held, {}, None, alarm)
    judged = drill.judged(held, drill.public())
    assert judged.pop(6) == ("not_genuine", "key_distrusted")
    assert set(judged.values()) == {("valid", "valid")}
    (finding,) = office.check_findings()
    assert "not in the honest list" in finding
    made = office.refused("documents", "--out", tmp_path / "files")
    assert "6 份" in made
    assert made.count("签发密钥不再可信") == 1


def test_who_was_released_after_the_alarm_gets_a_good_certificate_by_a_correction(own_drill):
    office = own_drill
    alarm = datetime.now(UTC)
    row = {"name": "赵六", "id_number": "11010519491231002X"}
    (number,) = office.issue(1, **row)
    office.ceremony("distrust", office.issuing, "--compromised", "--alarm", alarm.isoformat())

    office.issue(1, **row, corrects=number, reason="签发密钥失窃")

    held = held_by_people(office)
    drill = Drill(office, None, held, {}, None, alarm)
    assert max(held) == 6
    assert 5 not in held
    assert set(drill.judged(held, drill.public()).values()) == {("valid", "valid")}
    assert office.check_findings() == []


def test_a_token_that_register_and_signer_do_not_agree_on_is_left_out_and_told(own_drill):
    office = own_drill
    custody, key_id = office.custody, bytes.fromhex(office.issuing)
    thief = Thief(FileSigner.open(custody.store, KeyKind.CERTIFICATE, key_id, custody.identity))

    def write(session):
        # Whoever has the key and can write rows: bytes and token agree, and the signer never saw them.
        entry = session.get(Entry, 2)
        statement = replace(statement_of_signed_bytes(entry.to_be_signed), holder_name="窃贼")
        entry.to_be_signed = statement_to_be_signed(statement, key_id=key_id, environment=ENVIRONMENT)
        entry.token = thief.token(statement)

    office.installation.sessions.run(write)

    said = office.ceremony(
        "distrust", key_id.hex(), "--compromised", "--alarm", datetime.now(UTC).isoformat()
    )

    assert "1 tokens could not be proved and are left out: entries 2" in said
    drill = Drill(office, thief, held_by_people(office), {}, None, datetime.now(UTC))
    judged = drill.judged(drill.held, drill.public())
    assert judged.pop(2) == ("not_genuine", "key_distrusted")
    assert set(judged.values()) == {("valid", "valid")}


def test_certverify_says_so_with_the_folder_and_the_pinned_root_alone(declared, tmp_path, capsys):
    def asked(token):
        (tmp_path / "token.cbor").write_bytes(token)
        root, public = declared.office.folder / "trusted-root.json", declared.office.folder / "public"
        code = certverify(
            [str(tmp_path / "token.cbor"), "--root", str(root), "--public", str(public), "--json"]
        )
        answer = json.loads(capsys.readouterr().out)
        return code, answer["verdict"], answer["reason"]

    for token in declared.held.values():
        assert asked(token) == (0, "valid", "valid")
    for kind, token in declared.forged.items():
        assert asked(token) == (1, *AFTER[kind]), kind
