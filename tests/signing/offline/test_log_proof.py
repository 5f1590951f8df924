"""``certverify`` and the public log: a proof is checked, or made; the verdict stays what it is."""

import json
import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from signing.log.proof import Proof, open_proof
from tests.log_world import (
    POLICY,
    WITNESS_KEYS,
    LogPolicy,
    NoteKey,
    Register,
    SignatureKind,
    Witness,
    write_log,
)
from tests.signing.offline.conftest import write_public
from tests.vectors import world
from tests.vectors.world import DAY, HOUR, NOW, STRANGER

AT = NOW - 3 * HOUR


@pytest.fixture
def register():
    made = Register()
    series = made.open()
    made.issue(series, count=300)
    made.correct(17)
    return made


@pytest.fixture
def public(tmp_path, register):
    """Public files with a log, and a trust bundle that names it."""
    folder = write_public(tmp_path / "public")
    trust(folder)
    write_log(folder / "log", register.leaves, at=AT, witnesses=(0, 2))
    return folder


def trust(folder, *logs):
    keys = world.trust_keys(logs=logs or (POLICY,)).to_payload()
    (folder / "trust" / "keys.cbor").write_bytes(world.signed_file(keys, *world.ROOTS[:2]))


@pytest.fixture
def given(register, token_file):
    """A certificate in hand, and where its proof is to lie."""
    token = token_file(register.tokens[100], "100.cbor")
    return token, token.with_name("100.tlog-proof")


def answer_of(ended):
    return json.loads(ended.out)


def test_a_proof_that_was_written_is_one_that_holds(verify, given, register):
    token, path = given

    written = answer_of(verify(token, "--write-proof", path, "--json"))
    checked = verify(token, "--proof", path, "--json")

    assert checked.code == 0
    assert answer_of(checked)["proof"] == {
        "holds": True, "why": None, "index": 100, "size": 303, "witnessed_at": int(AT.timestamp()),
        "witnesses": ["witness0.example", "witness2.example"], "written": None,
    }  # fmt: skip
    assert written["proof"] == answer_of(checked)["proof"] | {"written": str(path)}
    assert open_proof(Proof.parse(path.read_bytes()), register.tokens[100], POLICY).index == 100


@pytest.mark.parametrize("entry", [1, 17, 255, 256, 300, 301])
def test_every_certificate_of_the_log_has_its_proof(verify, register, token_file, tmp_path, entry):
    token, path = token_file(register.tokens[entry]), tmp_path / "a.tlog-proof"

    ended = verify(token, "--write-proof", path, "--json")

    assert answer_of(ended)["proof"]["index"] == (entry if entry <= 300 else 301)
    assert verify(token, "--proof", path).code == ended.code


def test_the_report_tells_since_when_and_by_whom(verify, given):
    token, path = given

    first = verify(token, "--write-proof", path).out
    second = verify(token, "--proof", path, "--language", "zh").out

    assert "✔ The proof holds: the public log has this certificate.\n" in first
    assert "Leaf 100, from 0 on, of 303\n" in first
    assert (
        "Seen by 2026-11-20 09:00 (Beijing time) at the latest by witness0.example, witness2.example\n"
        in first
    )
    assert f"The proof was written to {path}\n" in first
    assert "✔ 公开日志的证明成立" in second
    assert "已写入" not in second


def swapped(proof, at, new):
    lines = proof.split(b"\n")
    lines[at] = new
    return b"\n".join(lines)


WRONG = {
    "empty": lambda proof: b"",
    "not a proof": lambda proof: b"hello\n",
    "another index": lambda proof: proof.replace(b"index 100", b"index 101"),
    "no leaf": lambda proof: swapped(proof, 1, b""),
    "another leaf": lambda proof: swapped(proof, 1, b"extra AAAA"),
    "a step changed": lambda proof: swapped(proof, 3, b"A" * 43 + b"="),
    "a step less": lambda proof: b"\n".join(proof.split(b"\n")[:3] + proof.split(b"\n")[4:]),
    "another size": lambda proof: proof.replace(b"\n303\n", b"\n304\n"),
    "one witness alone": lambda proof: b"\n".join(proof.split(b"\n")[:-2]) + b"\n",
    "a last line cut": lambda proof: proof[:-9],
}


@pytest.mark.parametrize("name", WRONG)
def test_a_proof_that_does_not_hold_ends_with_1_and_leaves_the_verdict(verify, given, name):
    token, path = given
    verify(token, "--write-proof", path)
    wrong = WRONG[name](path.read_bytes())
    assert wrong != path.read_bytes()
    path.write_bytes(wrong)

    ended, spoken = verify(token, "--proof", path, "--json"), verify(token, "--proof", path)

    answer = answer_of(ended)
    assert (ended.code, answer["verdict"], answer["reason"]) == (1, "valid", "valid")
    assert (answer["proof"]["holds"], answer["proof"]["index"]) == (False, None)
    assert answer["proof"]["why"]
    assert spoken.out.startswith("✔ Valid\n")
    assert "✘ The proof of the public log does not hold" in spoken.out


def test_a_proof_of_another_certificate_does_not_hold(verify, given, register, token_file):
    token, path = given
    verify(token, "--write-proof", path)

    ended = verify(token_file(register.tokens[101]), "--proof", path, "--json")

    assert (ended.code, answer_of(ended)["proof"]["holds"]) == (1, False)


@pytest.mark.parametrize("forged", ["log", "witness"])
def test_a_proof_by_keys_of_others_does_not_hold(verify, given, public, register, forged):
    token, path = given
    name = "w.example"
    stranger = NoteKey(name, SignatureKind.COSIGNATURE_ED25519, STRANGER.public)
    log = NoteKey(POLICY.origin, SignatureKind.LOG_ED25519, STRANGER.public)
    verify(token, "--write-proof", path)
    theirs = {
        "log": LogPolicy(POLICY.origin, (log,), POLICY.witnesses, 2),
        "witness": LogPolicy(
            POLICY.origin, POLICY.keys, (Witness(name, (stranger,)), *POLICY.witnesses[1:]), 2
        ),
    }[forged]
    trust(public, theirs)

    ended = verify(token, "--proof", path, "--json")

    assert (ended.code, answer_of(ended)["proof"]["holds"]) == (1, False)


def test_a_revoked_certificate_with_a_proof_that_holds_is_revoked(verify, register, token_file, tmp_path):
    token, path = token_file(register.tokens[203]), tmp_path / "a.tlog-proof"
    ended = verify(token, "--write-proof", path, "--json")

    assert (ended.code, answer_of(ended)["verdict"], answer_of(ended)["proof"]["holds"]) == (
        1,
        "revoked",
        True,
    )


def test_a_proof_without_a_trust_bundle_can_not_be_judged(certverify, given, verify, empty_home):
    token, path = given
    verify(token, "--write-proof", path)

    ended = certverify(token, "--proof", path, "--json")

    assert (ended.code, answer_of(ended)["proof"]["holds"]) == (2, None)


def test_a_proof_of_a_log_that_is_not_named_can_not_be_judged(verify, given, public):
    token, path = given
    verify(token, "--write-proof", path)
    other = NoteKey("other.example/log", SignatureKind.LOG_ED25519, STRANGER.public)
    trust(public, LogPolicy("other.example/log", (other,), POLICY.witnesses, 2))

    ended = verify(token, "--proof", path, "--json")

    assert (ended.code, answer_of(ended)["verdict"], answer_of(ended)["proof"]["holds"]) == (2, "valid", None)


def test_an_earlier_log_of_the_trust_bundle_is_known_too(verify, given, public):
    token, path = given
    verify(token, "--write-proof", path)
    key = NoteKey("new.example/log", SignatureKind.LOG_ED25519, STRANGER.public)
    trust(
        public,
        POLICY,
        LogPolicy("new.example/log", (key,), (Witness(WITNESS_KEYS[0].name, (WITNESS_KEYS[0],)),), 1),
    )

    assert verify(token, "--proof", path).code == 0


NOT_WRITTEN = {
    "not in the log": lambda public, register: write_log(public / "log", register.leaves[:50], at=AT),
    "too few witnesses": lambda public, register: write_log(
        public / "log", register.leaves, at=AT, witnesses=(0,)
    ),
    "a log that it did not sign": lambda public, register: write_log(
        public / "log", register.leaves, at=AT, log=STRANGER
    ),
    "no log": lambda public, register: os.rename(public / "log", public / "elsewhere"),
    "a damaged tile": lambda public, register: (public / "log" / "tile" / "0" / "000").write_bytes(
        bytes(8192)
    ),
    "a missing tile": lambda public, register: (public / "log" / "tile" / "0" / "000").unlink(),
    "a missing bundle": lambda public, register: (public / "log" / "tile" / "entries" / "000").unlink(),
}


@pytest.mark.parametrize("name", NOT_WRITTEN)
def test_a_proof_that_would_not_hold_is_not_written(verify, public, register, token_file, tmp_path, name):
    NOT_WRITTEN[name](public, register)
    path = tmp_path / "a.tlog-proof"

    ended = verify(token_file(register.tokens[100]), "--write-proof", path, "--json")

    assert (ended.code, answer_of(ended)["verdict"], answer_of(ended)["proof"]["holds"]) == (2, "valid", None)
    assert answer_of(ended)["proof"]["written"] is None
    assert not path.exists()


def test_no_proof_is_looked_for_of_what_nobody_signed(verify, token_file, tmp_path):
    forged = world.token(world.statement(100), STRANGER)

    ended = verify(token_file(forged), "--write-proof", tmp_path / "a", "--json")

    assert (ended.code, answer_of(ended)["verdict"]) == (1, "not_genuine")
    assert not (tmp_path / "a").exists()


def test_a_proof_that_can_not_be_written_takes_nothing_from_the_verdict(verify, given, tmp_path):
    ended = verify(given[0], "--write-proof", tmp_path / "nowhere" / "a", "--json")

    assert (ended.code, answer_of(ended)["verdict"], answer_of(ended)["proof"]["written"]) == (
        2,
        "valid",
        None,
    )


class QuietHost(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def address(public, monkeypatch):
    """The same public files, at an address on this machine."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHost, directory=str(public)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_proof_is_made_out_of_a_log_at_an_address(certverify, root_file, given, address, register):
    token, path = given

    ended = certverify(
        token, "--root", root_file, "--public", address, "--now", NOW.isoformat(), "--write-proof", path
    )

    assert ended.code == 0
    assert "were fetched from the address" in ended.out
    assert "nothing was fetched" not in ended.out
    assert open_proof(Proof.parse(path.read_bytes()), register.tokens[100], POLICY).index == 100


def test_an_address_is_asked_for_nothing_else(certverify, root_file, given):
    ended = certverify(given[0], "--root", root_file, "--public", "http://127.0.0.1:1/public")

    assert (ended.code, ended.out) == (64, "")
    assert "--write-proof" in ended.err


def test_an_address_where_nobody_is_gives_no_verdict(certverify, root_file, given):
    ended = certverify(
        given[0],
        "--root",
        root_file,
        "--public",
        "http://127.0.0.1:1/public",
        "--write-proof",
        given[1],
        "--json",
    )

    assert (ended.code, answer_of(ended)["reason"]) == (2, "no_trust_bundle")


@pytest.mark.parametrize("options", [["--proof", "a", "--write-proof", "b"], ["--proof", "no such file"]])
def test_wrong_use_is_told(verify, given, options):
    ended = verify(given[0], *options)

    assert (ended.code, ended.out) == (64, "")


def test_an_old_status_and_a_proof_are_two_answers(certverify, root_file, public, given):
    later = (NOW + 40 * DAY).isoformat()

    ended = certverify(
        given[0], "--root", root_file, "--public", public, "--now", later, "--write-proof", given[1], "--json"
    )

    answer = answer_of(ended)
    assert (ended.code, answer["reason"], answer["proof"]["holds"]) == (2, "status_too_old", True)


def test_witnesses_that_do_not_say_when_are_told_without_a_time(verify, given, public, register):
    token, path = given
    mldsa = [MLDSA44PrivateKey.from_seed_bytes(bytes((place,)) * 32) for place in range(2)]
    keys = [
        NoteKey(f"w{place}.example", SignatureKind.COSIGNATURE_MLDSA44, key.public_key().public_bytes_raw())
        for place, key in enumerate(mldsa)
    ]
    trust(public, LogPolicy(POLICY.origin, POLICY.keys, tuple(Witness(key.name, (key,)) for key in keys), 2))
    head = write_log(public / "log", register.leaves, at=AT, witnesses=())
    lines = [
        key.line(private.sign(key.message(head, 0)), 0) for key, private in zip(keys, mldsa, strict=True)
    ]
    note = public / "log" / "checkpoint"
    note.write_bytes(note.read_bytes() + "".join(lines).encode())

    written, spoken = verify(token, "--write-proof", path, "--json"), verify(token, "--proof", path)

    assert (written.code, answer_of(written)["proof"]["witnessed_at"]) == (0, None)
    assert answer_of(written)["proof"]["holds"] is True
    assert "Seen by w0.example, w1.example, who do not say when" in spoken.out


def test_a_file_that_is_there_is_not_overwritten(verify, given):
    token, path = given
    path.write_bytes(b"another proof")

    ended = verify(token, "--write-proof", path)

    assert ended.code == 64
    assert "not overwritten" in ended.err
    assert path.read_bytes() == b"another proof"
