"""Notes that others signed: the examples of the specifications, and checkpoints of real logs and witnesses."""

import json
from pathlib import Path

import pytest

from signing import ed25519
from signing.errors import BadSignature, LogRefused
from signing.log.checkpoint import LogPolicy, Witness
from signing.log.note import Head, Note, NoteKey, SignatureKind

FILE = Path(__file__).parents[2] / "vectors" / "log" / "notes.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))
NOTES, CHECKPOINTS = VECTORS["notes"], VECTORS["checkpoints"]
REAL = CHECKPOINTS[0]

# The specifications print these without their keys.
SIGNED_NOTE = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore \
NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
EXAMPLES = {
    "signed-note": (SIGNED_NOTE, ["quasimodo.example/salvatore"]),
    "tlog-cosignature": (COSIGNED, ["example.com/behind-the-sofa", "witness.example.com/w1"]),
}


def named(vectors):
    return {"argvalues": vectors, "ids": [vector["name"] for vector in vectors]}


@pytest.mark.parametrize(("text", "names"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_of_a_specification_is_a_note(text, names):
    note = Note.parse(text.encode())

    assert [line.name for line in note.signatures] == names
    assert note.text == text[: text.rindex("\n\n") + 1]


def test_the_example_of_a_checkpoint_is_a_head_and_the_witness_says_when():
    note = Note.parse(COSIGNED.encode())

    assert Head.parse(note.text).size == 20_852_163
    assert int.from_bytes(note.signatures[1].signature[:8], "big") == 1_679_315_147


@pytest.mark.parametrize("vector", **named(NOTES))
def test_a_note_of_others_holds_for_its_keys(vector):
    note = Note.parse(vector["note"].encode())

    for vkey in vector["keys"]:
        key = NoteKey.parse(vkey)
        (line,) = [line for line in note.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
        ed25519.admit(key.public).verify(line.signature, note.text.encode())
        with pytest.raises(BadSignature):
            ed25519.admit(key.public).verify(line.signature, note.text.encode() + b"\n")
        assert key.vkey == vkey
    assert vector["keys"]


@pytest.mark.parametrize("vector", **named(CHECKPOINTS))
def test_a_checkpoint_of_others_holds_for_its_keys(vector):
    note = Note.parse(vector["checkpoint"].encode())
    head = Head.parse(note.text)
    keys = [NoteKey.parse(key["vkey"]) for key in vector["keys"]]

    signed = note.verified(head, keys)

    assert (head.origin, head.size) == (vector["origin"], vector["size"])
    assert [(key.vkey, signed[key]) for key in keys] == [
        (key["vkey"], key["signed_at"]) for key in vector["keys"]
    ]


@pytest.mark.parametrize("vector", **named(CHECKPOINTS))
def test_a_checkpoint_of_others_holds_for_no_other_tree(vector):
    note = Note.parse(vector["checkpoint"].encode())
    head = Head.parse(note.text)
    others = [
        Head(head.origin, head.size + 1, head.root),
        Head(head.origin + "x", head.size, head.root),
        Head(head.origin, head.size, head.root[::-1]),
    ]

    for key in vector["keys"]:
        for other in others:
            with pytest.raises(BadSignature):
                note.verified(other, [NoteKey.parse(key["vkey"])])


def test_every_kind_of_signature_is_among_them():
    kinds = {NoteKey.parse(key["vkey"]).kind for vector in CHECKPOINTS for key in vector["keys"]}

    assert kinds == set(SignatureKind)


def test_a_real_checkpoint_opens_by_a_policy():
    log, *others = (NoteKey.parse(key["vkey"]) for key in REAL["keys"])
    witnesses = tuple(Witness(key.name, (key,)) for key in others)
    data = REAL["checkpoint"].encode()

    opened = LogPolicy(log.name, (log,), witnesses, 2).open(data)

    assert opened.is_cosigned
    assert opened.cosigned_at == {key["vkey"].split("+")[0]: key["signed_at"] for key in REAL["keys"][1:]}
    with pytest.raises(LogRefused):
        LogPolicy(log.name, (log,), witnesses, 2).open(data.replace(b"1432088532", b"1432088533"))
