"""A log that takes back what it showed, or shows two readers different things, is found out; both notes are kept."""

from pathlib import Path

import pytest

from signing.log.note import Head, Note
from tests.log_world import LOG, ORIGIN, POLICY, checkpoint, head_of, write_log
from tests.vectors.world import DAY, HOUR, NOW, STRANGER


@pytest.fixture
def seen(honest):
    """A log that was watched once, when it had 344 leaves."""
    assert honest.found(now=NOW - HOUR) == []
    return honest


def rewritten(desk, index):
    """Return the leaves with one of them another one."""
    leaves = list(desk.register.leaves)
    leaves[index] = desk.register.leaves[index - 1]
    return leaves


def kept_heads(answer):
    return sorted(Head.parse(Note.parse(Path(path).read_bytes()).text).root for path in answer["evidence"])


@pytest.mark.parametrize("grown", [0, 1, 300])
@pytest.mark.parametrize("index", [3, 255, 256, -1])
def test_a_forked_tree_is_found_and_both_notes_are_kept(seen, grown, index):
    before = head_of(seen.register.leaves)
    leaves = rewritten(seen, index) + seen.register.leaves[:grown]
    write_log(seen.public / "log", leaves, at=NOW)

    code, answer = seen.watch()

    assert (code, [item["code"] for item in answer["findings"]]) == (1, ["forked_tree"])
    assert kept_heads(answer) == sorted([before.root, head_of(leaves).root])
    for path in answer["evidence"]:
        POLICY.open(Path(path).read_bytes())


def test_a_fork_is_told_again_and_its_leaves_are_never_read(seen):
    state = seen.state.read_bytes()
    write_log(seen.public / "log", rewritten(seen, 3), at=NOW)

    first, second = seen.watch(), seen.watch()

    assert first == second
    assert first[1]["read_to"] == 344
    assert seen.state.read_bytes() == state


@pytest.mark.parametrize("size", [0, 1, 256, 343])
def test_a_log_that_was_set_back_is_found(seen, size):
    write_log(seen.public / "log", seen.register.leaves[:size], at=NOW)

    code, answer = seen.watch()

    assert (code, [item["code"] for item in answer["findings"]]) == (1, ["smaller_tree"])
    assert answer["findings"][0]["seen"] == 344


def test_a_log_that_was_set_back_and_forked_is_found_as_both_while_its_tiles_are_there(seen):
    head = Head(ORIGIN, 343, head_of(rewritten(seen, 3)[:343]).root)
    (seen.public / "log" / "checkpoint").write_bytes(checkpoint(head, at=NOW))

    assert seen.found() == ["smaller_tree", "forked_tree"]


def test_a_log_that_was_set_back_and_grew_another_way_is_forked(seen):
    desk = seen
    leaves = desk.register.leaves[:300] + desk.register.leaves[:100]
    write_log(desk.public / "log", desk.register.leaves[:300], at=NOW)
    assert desk.found() == ["smaller_tree"]
    write_log(desk.public / "log", leaves, at=NOW)

    assert desk.found() == ["forked_tree"]


def test_a_stale_checkpoint_that_a_cache_held_is_forgotten_when_the_log_goes_on(seen):
    write_log(seen.public / "log", seen.register.leaves[:200], at=NOW - DAY)
    assert seen.found() == ["smaller_tree"]
    seen.register.tick()
    seen.publish(at=NOW)

    assert seen.found() == []


@pytest.mark.parametrize("witnesses", [(), (0,)])
def test_a_checkpoint_of_too_few_witnesses_is_found_and_its_leaves_are_not_read(desk, witnesses):
    desk.register.issue(desk.register.open(), count=3)
    desk.publish(witnesses=witnesses)

    code, answer = desk.watch()

    assert (code, [item["code"] for item in answer["findings"]]) == (1, ["too_few_cosignatures"])
    assert (answer["read_to"], desk.state.exists(), len(answer["evidence"])) == (0, False, 1)


def test_a_fork_that_no_witness_signed_is_found_all_the_same(seen):
    write_log(seen.public / "log", rewritten(seen, 3), at=NOW, witnesses=())

    assert seen.found() == ["forked_tree", "too_few_cosignatures"]


def test_a_checkpoint_that_the_log_did_not_sign_is_no_finding_and_can_not_be_told(seen):
    write_log(seen.public / "log", rewritten(seen, 3), at=NOW, log=STRANGER)

    code, answer = seen.watch()

    assert (code, answer["findings"]) == (2, [])
    assert [doubt["code"] for doubt in answer["doubts"]] == ["checkpoint_refused"]


@pytest.mark.parametrize("theirs", [-1, 0, 60])
def test_mirrors_that_show_two_trees_are_found(honest, tmp_path, theirs):
    leaves = rewritten(honest, 3)
    leaves = leaves[:theirs] if theirs < 0 else leaves + leaves[:theirs]
    write_log(tmp_path / "mirror", leaves, at=NOW)

    code, answer = honest.watch("--mirror", tmp_path / "mirror")

    assert (code, [item["code"] for item in answer["findings"]]) == (1, ["split_view"])
    assert kept_heads(answer) == sorted([head_of(leaves).root, head_of(honest.register.leaves).root])


@pytest.mark.parametrize("size", [0, 1, 200, 344, 400])
def test_a_mirror_that_is_behind_or_ahead_is_in_order(honest, tmp_path, size):
    leaves = (honest.register.leaves * 2)[:size]
    write_log(tmp_path / "mirror", leaves, at=NOW)

    assert honest.found("--mirror", tmp_path / "mirror", "--mirror", honest.public) == []


def test_a_split_view_by_the_stolen_key_of_the_log_alone_is_found(honest, tmp_path):
    write_log(tmp_path / "mirror", rewritten(honest, 3), at=NOW, witnesses=(), log=LOG)

    assert honest.found("--mirror", tmp_path / "mirror") == ["split_view"]


@pytest.mark.parametrize("what", ["nothing", "unsigned", "damaged"])
def test_a_mirror_that_proves_nothing_is_a_doubt(honest, tmp_path, what):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    if what != "nothing":
        leaves = honest.register.leaves + honest.register.leaves[:60]
        write_log(mirror, leaves, at=NOW, log=STRANGER if what == "unsigned" else LOG)
    if what == "damaged":
        (mirror / "tile" / "1" / "000.p" / "1").write_bytes(bytes(32))

    code, answer = honest.watch("--mirror", mirror)

    assert (code, answer["findings"]) == (2, [])
    assert [doubt["code"] for doubt in answer["doubts"]] == ["mirror_not_read"]
    assert answer["read_to"] == 344
