"""What a verifier without ``cryptography``, or without its ML-DSA, makes of a checkpoint."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from signing import cbor, mldsa
from signing.errors import BadSignature, InadmissibleKey
from tests.signing.log.signers import BOTH, HEAD, LOG, LOG_PQ, MLDSA44, W1, W1_PQ, W2, W2_PQ, note, policy

ROOT = Path(__file__).parents[3]
OPEN = """
import json, sys
for name in sys.argv[2:]:
    sys.modules[name] = None  # as on a machine that does not have it
sys.path.insert(0, sys.argv[1])
from signing import cbor, ed25519, mldsa
from signing.errors import LogRefused
from signing.log.checkpoint import LogPolicy

asked = json.load(sys.stdin)
policy = LogPolicy.from_value(cbor.decode(bytes.fromhex(asked["policy"])))
answers = {}
for name, data in asked["notes"].items():
    try:
        opened = policy.open(data.encode())
    except LogRefused as fault:
        answers[name] = str(fault)
    else:
        answers[name] = [opened.is_cosigned, *sorted(opened.cosigned_at)]
print(json.dumps({"has": [ed25519.HAS_CRYPTOGRAPHY, mldsa.HAS_MLDSA], "answers": answers}))
"""
# Which modules are missing; then whether there is cryptography, and its ML-DSA.
MACHINES = {
    "everything": ([], [True, True]),
    "no ML-DSA": (["cryptography.hazmat.primitives.asymmetric.mldsa"], [True, False]),
    "no cryptography": (["cryptography"], [False, False]),
}
WITHOUT = [name for name in MACHINES if name != "everything"]
FORGED = "a signature of the checkpoint does not hold"


def forged(signer):
    """Return a line of the right length over nothing."""
    length = 2420 if signer.kind is MLDSA44 else 64
    return signer.key.line(bytes(length), None if signer is LOG else 1)


NOTES = {
    "Ed25519 of two": note(*BOTH, W1, W2),
    "ML-DSA of two": note(*BOTH, W1_PQ, W2_PQ),
    "one of each": note(*BOTH, W1, W2_PQ),
    "the log's ML-DSA alone": note(LOG_PQ, W1, W2),
    "ML-DSA of the log forged": note(LOG, forged(LOG_PQ), W1, W2),
    "ML-DSA of a witness forged": note(LOG, forged(W1_PQ), W1, W2),
    "Ed25519 of a witness forged": note(LOG, forged(W1), W2, W2_PQ),
    "ML-DSA of a length that it never has": note(LOG, LOG_PQ.key.line(bytes(64), 1), W1, W2),
}


@pytest.fixture(scope="module")
def answers():
    """What each machine says of each note."""
    asked = {
        "policy": cbor.encode(policy().to_value()).hex(),
        "notes": {name: data.decode() for name, data in NOTES.items()},
    }
    found = {}
    for machine, (missing, has) in MACHINES.items():
        command = [sys.executable, "-I", "-c", OPEN, str(ROOT), *missing]
        done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
        assert not done.stderr
        answer = json.loads(done.stdout)
        assert answer["has"] == has
        found[machine] = answer["answers"]
    return found


BOTH_WITNESSES = [True, "w1.witness.example", "w2.witness.example"]


@pytest.mark.parametrize("machine", MACHINES)
def test_ed25519_is_enough_everywhere(machine, answers):
    assert answers[machine]["Ed25519 of two"] == BOTH_WITNESSES


def test_ml_dsa_is_enough_where_it_is_at_hand(answers):
    assert answers["everything"]["ML-DSA of two"] == BOTH_WITNESSES
    assert answers["everything"]["one of each"] == BOTH_WITNESSES


@pytest.mark.parametrize("machine", WITHOUT)
def test_a_witness_that_signed_with_ml_dsa_alone_does_not_count_where_it_is_not(machine, answers):
    assert answers[machine]["ML-DSA of two"] == [False]
    assert answers[machine]["one of each"] == [False, "w1.witness.example"]


@pytest.mark.parametrize("machine", MACHINES)
def test_ml_dsa_never_stands_for_the_logs_ed25519(machine, answers):
    assert answers[machine]["the log's ML-DSA alone"] == "the log did not sign the checkpoint"


@pytest.mark.parametrize("machine", MACHINES)
def test_a_forged_line_of_ed25519_refuses_all_everywhere(machine, answers):
    assert answers[machine]["Ed25519 of a witness forged"] == FORGED


@pytest.mark.parametrize("whose", ["the log", "a witness"])
def test_a_forged_line_of_ml_dsa_refuses_all_where_it_can_be_asked(whose, answers):
    name = f"ML-DSA of {whose} forged"

    assert answers["everything"][name] == FORGED
    # Without the library it is as a line of a key that nobody knows.
    assert [answers[machine][name] for machine in WITHOUT] == [BOTH_WITNESSES] * 2


@pytest.mark.parametrize("machine", MACHINES)
def test_a_line_of_the_wrong_length_refuses_all_everywhere(machine, answers):
    assert answers[machine]["ML-DSA of a length that it never has"] == FORGED


def test_a_library_that_can_not_do_it_counts_as_none(monkeypatch):
    class Unable:
        @staticmethod
        def from_public_bytes(public: bytes) -> None:
            raise UnsupportedAlgorithm("not built in")

    monkeypatch.setattr(mldsa, "MLDSA44PublicKey", Unable)

    assert mldsa.admit.__wrapped__(LOG_PQ.key.public) is None


@pytest.mark.parametrize("length", [0, 32, 1311, 1313, 1952])
@pytest.mark.parametrize("there", [True, False])
def test_a_key_of_another_length_is_inadmissible_with_the_library_and_without(length, there, monkeypatch):
    monkeypatch.setattr(mldsa, "HAS_MLDSA", there)

    with pytest.raises(InadmissibleKey):
        mldsa.admit.__wrapped__(bytes(length))


def test_ml_dsa_signs_with_an_empty_context():
    message = LOG_PQ.key.message(HEAD, 1)
    key = mldsa.admit(LOG_PQ.key.public)

    key.verify(LOG_PQ.private.sign(message), message)
    with pytest.raises(BadSignature):
        key.verify(LOG_PQ.private.sign(message, b"context"), message)
    with pytest.raises(BadSignature):
        key.verify(LOG_PQ.private.sign(message), message + b"\x00")
