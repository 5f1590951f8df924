"""Every answer of C2SP ``tlog-witness``, with what earns it; the witness has seen 5 leaves, signed at noon."""

from datetime import UTC, datetime, timedelta

import pytest

from keys.note_keys import NoteKeys, NoteSigner
from keys.witness.protocol import SIZE, WORDS, AddCheckpoint
from signing.log.checkpoint import LogPolicy, Witness
from signing.log.note import Head, Note
from signing.merkle import leaf_hash
from tests.instants import NOON
from tests.keys.witness.small_log import EMPTY, NAME, ORIGIN, SmallLog

OTHER_ROOT = leaf_hash(b"other")
STAMP = int(NOON.timestamp())


@pytest.fixture
def seen(witness, log):
    assert witness.add_checkpoint(log.request(0, 5), now=NOON).status == 200
    return witness


def of_another_origin(log):
    head = Head("other.example/log", 6, OTHER_ROOT)
    return b"old 5\n\n" + f"{head.to_text()}\n{log.keys.sign(head, stamp=1)}".encode()


def signed_by_nobody(log):
    """Keep the text, and lines of keys that are not the log's."""
    text = log.checkpoint(6).decode().replace("— " + ORIGIN, "— stranger.example")
    return AddCheckpoint(5, log.proof(5, 6), text.encode()).to_bytes()


def with_a_line_that_does_not_hold(log):
    first, _, second = log.checkpoint(6).decode().rpartition("— ")
    forged = log.checkpoint(7).decode().rpartition("— ")[2]
    assert second != forged
    return AddCheckpoint(5, log.proof(5, 6), f"{first}— {forged}".encode()).to_bytes()


def of_a_forged_head(log):
    """Let the signatures be those of another tree."""
    lines = log.checkpoint(7).decode().partition("\n\n")[2]
    return AddCheckpoint(5, log.proof(5, 6), f"{log.head(6).to_text()}\n{lines}".encode()).to_bytes()


BODIES = {
    "the next tree": (200, lambda log: log.request(5, 9)),
    "the same tree again": (200, lambda log: log.request(5, 5)),
    "signed with one of its keys alone": (200, lambda log: (
        AddCheckpoint(5, log.proof(5, 6), log.checkpoint(6).rpartition("— ".encode())[0]).to_bytes()
    )),
    "nothing": (400, lambda log: b""),
    "no old size": (400, lambda log: log.request(5, 6).partition(b"\n")[2]),
    "an old size with a zero before it": (400, lambda log: log.request(5, 6).replace(b"old 5", b"old 05")),
    "a negative old size": (400, lambda log: log.request(5, 6).replace(b"old 5", b"old -5")),
    "two spaces": (400, lambda log: log.request(5, 6).replace(b"old 5", b"old  5")),
    "no empty line": (400, lambda log: b"old 5\n"),
    "no checkpoint": (400, lambda log: b"old 5\n\n"),
    "64 steps": (400, lambda log: AddCheckpoint(5, (OTHER_ROOT,) * 64, log.checkpoint(6)).to_bytes()),
    "a step of 31 bytes": (400, lambda log: AddCheckpoint(5, (b"x" * 31,), log.checkpoint(6)).to_bytes()),
    "a step that is no base 64": (400, lambda log: b"old 5\n****\n\n" + log.checkpoint(6)),
    "carriage returns": (400, lambda log: log.request(5, 6).replace(b"\n", b"\r\n")),
    "an old size above the new one": (400, lambda log: AddCheckpoint(5, (), log.checkpoint(4)).to_bytes()),
    "a checkpoint with no signature": (400, lambda log: b"old 5\n\n" + log.head(6).to_text().encode()),
    "a checkpoint of two lines": (400, lambda log: log.request(5, 6).replace(b"\n6\n", b"\n")),
    "more than a megabyte": (400, lambda log: log.request(5, 6) + b"x" * (1 << 20)),
    "another origin": (404, of_another_origin),
    "signed by nobody it trusts": (403, signed_by_nobody),
    "a line that does not hold beside one that does": (403, with_a_line_that_does_not_hold),
    "the signatures of another tree": (403, of_a_forged_head),
    "a stale old size": (409, lambda log: log.request(3, 9)),
    "an old size of nothing": (409, lambda log: log.request(0, 9)),
    "a stale tree": (409, lambda log: log.request(3, 4)),
    "an old size ahead": (409, lambda log: log.request(7, 9)),
    "another tree of the same size": (409, lambda log: log.forked_at(2).request(5, 5)),
    "another tree of the same size, as if nothing was seen": (409, lambda log: log.forked_at(2).request(0, 5)),
    "a tree that forked before": (422, lambda log: log.forked_at(3).request(5, 9)),
    "no proof": (422, lambda log: AddCheckpoint(5, (), log.checkpoint(9)).to_bytes()),
    "the proof of others": (422, lambda log: AddCheckpoint(5, log.proof(6, 9), log.checkpoint(9)).to_bytes()),
    "a step too many": (422, lambda log: (
        AddCheckpoint(5, (*log.proof(5, 9), OTHER_ROOT), log.checkpoint(9)).to_bytes()
    )),
    "a proof where none is needed": (422, lambda log: AddCheckpoint(5, (OTHER_ROOT,), log.checkpoint(5)).to_bytes()),
}  # fmt: skip


@pytest.mark.parametrize(("status", "body"), BODIES.values(), ids=BODIES)
def test_a_request_gets_the_answer_that_it_earns(seen, log, status, body):
    reply = seen.add_checkpoint(body(log), now=NOON)

    assert reply.status == status
    assert reply.content_type == (SIZE if status == 409 else WORDS)
    assert status != 409 or reply.body == b"5\n"


@pytest.mark.parametrize(("status", "body"), [case for case in BODIES.values() if case[0] != 200])
def test_a_refusal_changes_nothing(seen, log, status, body):
    before = seen.state.seen(log.keys.keys)

    seen.add_checkpoint(body(log), now=NOON)

    assert seen.state.seen(log.keys.keys) == before
    assert seen.add_checkpoint(log.request(5, 6), now=NOON).status == 200


FIRST = {
    "a tree": (200, lambda log: log.request(0, 5)),
    "the empty tree": (200, lambda log: log.request(0, 0)),
    "an empty tree with a root": (409, lambda log: b"old 0\n\n" + log.signed(Head(ORIGIN, 0, OTHER_ROOT))),
    "a proof from nothing": (422, lambda log: AddCheckpoint(0, (OTHER_ROOT,), log.checkpoint(5)).to_bytes()),
    "an old size": (409, lambda log: log.request(3, 5)),
}


@pytest.mark.parametrize(("status", "body"), FIRST.values(), ids=FIRST)
def test_of_a_new_log_any_tree_is_the_first(witness, log, status, body):
    reply = witness.add_checkpoint(body(log), now=NOON)

    assert reply.status == status
    assert status != 409 or reply.body == b"0\n"


def test_both_lines_verify_and_say_when(witness, log):
    checkpoint = log.checkpoint(5)
    policy = LogPolicy(ORIGIN, log.keys.keys, (Witness(NAME, witness.state.keys),), 1)

    reply = witness.add_checkpoint(log.request(0, 5), now=NOON)

    lines = Note.parse(checkpoint + reply.body).signatures[2:]
    assert [(line.name, line.key_id) for line in lines] == [(NAME, key.key_id) for key in witness.state.keys]
    for line in reply.body.decode().splitlines(keepends=True):
        opened = policy.open(checkpoint + line.encode())
        assert opened.cosigned_at == {NAME: STAMP}
        assert opened.is_cosigned


def test_what_is_kept_is_a_cosigned_checkpoint(witness, log):
    witness.add_checkpoint(log.request(0, 5), now=NOON)
    policy = LogPolicy(ORIGIN, log.keys.keys, (Witness(NAME, witness.state.keys),), 1)

    seen = witness.state.seen(log.keys.keys)

    assert policy.open(seen.data).is_cosigned
    assert (seen.head, seen.stamp) == (log.head(5), STAMP)


def test_lines_of_strangers_are_not_kept(witness, log, tmp_path, seal):
    stranger = NoteKeys.create(tmp_path / "stranger" / "s.age", NoteSigner.WITNESS, "stranger.example", seal)
    own = b"".join(b"\xe2\x80\x94 %b AAAAAAAA\n" % NAME.encode() for _ in range(3))
    body = log.request(0, 5) + stranger.sign(log.head(5), stamp=9).encode() + own

    assert witness.add_checkpoint(body, now=NOON).status == 200

    note = Note.parse(witness.state.seen(log.keys.keys).data)
    assert [line.name for line in note.signatures] == [ORIGIN, ORIGIN, NAME, NAME]


def test_each_log_has_its_own_head(seen, log, tmp_path, seal):
    other = SmallLog(NoteKeys.create(tmp_path / "other" / "o.age", NoteSigner.LOG, "log.example/2", seal))
    seen.state.trust(other.keys.keys)

    assert seen.add_checkpoint(other.request(0, 3), now=NOON).status == 200
    assert seen.add_checkpoint(log.request(5, 6), now=NOON).status == 200
    assert seen.state.logs() == ["log.example/2", ORIGIN]


def test_a_clock_that_went_back_signs_nothing(seen, log):
    earlier = seen.add_checkpoint(log.request(5, 6), now=NOON - timedelta(seconds=1))
    same = seen.add_checkpoint(log.request(5, 6), now=NOON)

    assert (earlier.status, same.status) == (503, 200)
    assert b"clock" in earlier.body


def test_a_clock_before_1970_signs_nothing(witness, log):
    assert witness.add_checkpoint(log.request(0, 6), now=datetime(1969, 1, 1, tzinfo=UTC)).status == 503


def test_two_trees_of_one_size_are_kept_as_evidence(seen, log):
    fork = log.forked_at(2)
    seen.add_checkpoint(fork.request(5, 5), now=NOON)
    seen.add_checkpoint(fork.request(5, 5), now=NOON)
    policy = LogPolicy(ORIGIN, log.keys.keys, (Witness(NAME, seen.state.keys),), 1)

    kept = [policy.open(path.read_bytes()).head for path in seen.state.evidence(ORIGIN).notes]

    assert sorted(kept, key=lambda head: head.root) == sorted(
        [log.head(5), fork.head(5)], key=lambda head: head.root
    )


@pytest.mark.parametrize("name", ["a tree that forked before", "signed by nobody it trusts", "a stale tree"])
def test_what_proves_nothing_is_not_evidence(seen, log, name):
    seen.add_checkpoint(BODIES[name][1](log), now=NOON)

    assert seen.state.evidence(ORIGIN).notes == []


def test_evidence_is_bounded(seen, log, monkeypatch):
    monkeypatch.setattr("keys.witness.evidence.MAX_NOTES", 3)
    for at in range(5):
        log.leaves[2] = b"another %d" % at
        assert seen.add_checkpoint(log.request(5, 5), now=NOON).status == 409

    assert len(seen.state.evidence(ORIGIN).notes) == 3


def test_an_empty_tree_with_a_root_is_evidence_by_itself(witness, log):
    witness.add_checkpoint(FIRST["an empty tree with a root"][1](log), now=NOON)

    assert len(witness.state.evidence(ORIGIN).notes) == 1
    assert witness.state.seen(log.keys.keys).head == EMPTY
