"""What a witness must not forget: made on purpose alone, told apart from what was lost, seeded from two mirrors."""

from datetime import timedelta

import pytest

from keys.errors import HeadLost, KeyExists, KeyFileDamaged, KeyFileExposed, KeyUnavailable, SeedRefused
from keys.note_keys import NoteKeys, NoteSigner
from keys.witness.seed import seed
from keys.witness.state import NOTHING_SEEN, WitnessState
from keys.witness.witness import Witness
from signing.errors import Malformed
from signing.log.note import NoteKey
from signing.merkle import leaf_hash
from tests.instants import NOON
from tests.keys.witness.small_log import NAME, ORIGIN, SmallLog


@pytest.fixture
def seen(witness, log):
    assert witness.add_checkpoint(log.request(0, 5), now=NOON).status == 200
    return witness


@pytest.fixture
def head_path(witness, folder):
    (path,) = (folder / "logs").glob("*.head")
    return path


def test_a_witness_is_never_made_by_opening_it(folder, seal):
    for act in (lambda: Witness.open(folder, seal), lambda: WitnessState.open(folder)):
        with pytest.raises(KeyUnavailable):
            act()

    assert not folder.exists()


def test_a_witness_is_not_made_twice(witness, folder, seal):
    with pytest.raises(KeyExists):
        Witness.create(folder, "witness.example/w2", seal)

    assert Witness.open(folder, seal).name == NAME


def test_a_folder_with_the_keys_of_a_log_is_no_witness(tmp_path, seal):
    NoteKeys.create(tmp_path / "odd" / "witness.age", NoteSigner.LOG, ORIGIN, seal)

    with pytest.raises(KeyFileDamaged):
        WitnessState.open(tmp_path / "odd")


def test_opened_again_it_knows_what_it_saw(seen, folder, seal, log):
    again = Witness.open(folder, seal)

    assert again.state.seen(log.keys.keys) == seen.state.seen(log.keys.keys)
    assert again.add_checkpoint(log.request(5, 9), now=NOON).status == 200


def test_a_folder_that_others_can_enter_signs_nothing(seen, folder, log):
    folder.chmod(0o755)

    with pytest.raises(KeyFileExposed):
        seen.add_checkpoint(log.request(5, 9), now=NOON)


def test_a_log_that_is_trusted_again_is_left_as_it_is(seen, log):
    before = seen.state.seen(log.keys.keys)

    seen.state.trust(log.keys.keys)

    assert seen.state.seen(log.keys.keys) == before


def test_a_log_with_other_keys_is_another_log(seen, tmp_path, seal):
    impostor = NoteKeys.create(tmp_path / "other" / "log.age", NoteSigner.LOG, ORIGIN, seal)

    with pytest.raises(KeyExists):
        seen.state.trust(impostor.keys)


def test_a_log_gets_new_keys_and_keeps_its_head(seen, folder, log, tmp_path, seal):
    renewed = NoteKeys.create(tmp_path / "new" / "log.age", NoteSigner.LOG, ORIGIN, seal)
    (vkeys,) = (folder / "logs").glob("*.vkeys")
    vkeys.unlink()
    seen.state.trust(renewed.keys)

    assert seen.state.seen(renewed.keys).head == log.head(5)
    assert seen.add_checkpoint(log.request(5, 9), now=NOON).status == 403
    assert seen.add_checkpoint(SmallLog(renewed).request(5, 9), now=NOON).status == 200


@pytest.mark.parametrize("whose", ["a witness's", "its own"])
def test_only_a_log_is_trusted(witness, tmp_path, seal, whose):
    other = NoteKeys.create(tmp_path / "other" / "w.age", NoteSigner.WITNESS, "witness.example/w2", seal)

    with pytest.raises(Malformed):
        witness.state.trust(other.keys if whose == "a witness's" else witness.state.keys)


def test_a_log_with_a_key_of_the_witness_is_not_trusted(witness, log):
    shared = NoteKey(ORIGIN, log.keys.keys[1].kind, witness.state.keys[1].public)

    with pytest.raises(Malformed, match="own keys"):
        witness.state.trust((log.keys.keys[0], shared))


def test_a_lost_head_is_not_a_new_log(seen, log, head_path):
    head_path.unlink()

    reply = seen.add_checkpoint(log.request(0, 9), now=NOON)

    assert reply.status == 503
    assert b"is missing" in reply.body
    assert b"two mirrors" in reply.body
    seen.state.trust(log.keys.keys)
    assert seen.add_checkpoint(log.request(0, 9), now=NOON).status == 503


def test_a_head_that_was_lost_before_anything_was_seen_is_lost_as_well(witness, log, head_path):
    assert head_path.read_bytes() == NOTHING_SEEN
    head_path.unlink()

    assert witness.add_checkpoint(log.request(0, 9), now=NOON).status == 503


DAMAGES = {
    "empty": lambda data: b"",
    "cut off": lambda data: data[:100],
    "zeroes": lambda data: bytes(len(data)),
    "another size": lambda data: data.replace(b"\n5\n", b"\n4\n"),
    "another origin": lambda data: data.replace(b"log.example/register\n5", b"log.example/other\n5"),
    "no signature that is known": lambda data: data.replace(b"\xe2\x80\x94 ", b"\xe2\x80\x94 x"),
    "nothing seen, nearly": lambda data: NOTHING_SEEN.upper(),
    "a digit of its last line": lambda data: (
        data[:-20] + (b"B" if data[-20:-19] == b"A" else b"A") + data[-19:]
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_head_signs_nothing(seen, log, head_path, damage):
    head_path.write_bytes(damage(head_path.read_bytes()))

    replies = [seen.add_checkpoint(log.request(old, 9), now=NOON) for old in (0, 5)]

    assert [reply.status for reply in replies] == [503, 503]
    assert b"damaged" in replies[0].body
    with pytest.raises(HeadLost):
        seen.state.seen(log.keys.keys)


def test_damaged_keys_of_a_log_sign_nothing(seen, folder, log):
    (vkeys,) = (folder / "logs").glob("*.vkeys")
    vkeys.write_bytes(vkeys.read_bytes()[:-9])

    with pytest.raises(KeyFileDamaged):
        seen.add_checkpoint(log.request(5, 9), now=NOON)
    with pytest.raises(KeyFileDamaged):
        seen.state.logs()


def test_the_keys_of_one_log_do_not_stand_for_another(seen, folder, log, tmp_path, seal):
    other = NoteKeys.create(tmp_path / "other" / "log.age", NoteSigner.LOG, "log.example/2", seal)
    (vkeys,) = (folder / "logs").glob("*.vkeys")
    vkeys.write_bytes((tmp_path / "other" / "log.vkeys").read_bytes())

    with pytest.raises(KeyFileDamaged, match=r"log\.example/2"):
        seen.add_checkpoint(log.request(5, 9), now=NOON)
    assert seen.state.log(other.name) is None


def test_a_seeded_witness_goes_on_from_there(seen, log, head_path):
    head_path.unlink()

    assert seed(seen.state, ORIGIN, log.checkpoint(7), log.checkpoint(7)) == log.head(7)

    assert seen.add_checkpoint(log.request(5, 9), now=NOON).body == b"7\n"
    assert seen.add_checkpoint(log.forked_at(3).request(7, 9), now=NOON).status == 422
    assert seen.add_checkpoint(log.request(7, 9), now=NOON).status == 200


def test_a_clock_that_was_ahead_is_mended_by_a_seed(seen, log, head_path):
    seen.add_checkpoint(log.request(5, 7), now=NOON + timedelta(days=365))
    assert seen.add_checkpoint(log.request(7, 9), now=NOON).status == 503
    published = head_path.read_bytes()
    head_path.unlink()

    seed(seen.state, ORIGIN, published, log.checkpoint(7))

    assert (seen.state.seen(log.keys.keys).head, seen.state.seen(log.keys.keys).stamp) == (log.head(7), 0)
    assert seen.add_checkpoint(log.request(7, 9), now=NOON).status == 200


def test_a_new_log_may_be_seeded(witness, log):
    seed(witness.state, ORIGIN, log.checkpoint(7), log.checkpoint(7))

    assert witness.add_checkpoint(log.request(0, 9), now=NOON).body == b"7\n"


def no_checkpoint(log):
    return (b"", b"")


def unsigned(log):
    return (log.checkpoint(7), log.head(7).to_text().encode() + b"\n")


def of_strangers(log):
    return (log.checkpoint(7), log.checkpoint(7).replace("— log".encode(), "— lag".encode()))


def forged(log):
    return (log.checkpoint(7), log.checkpoint(7).replace(b"\n7\n", b"\n8\n"))


def of_two_sizes(log):
    return (log.checkpoint(7), log.checkpoint(8))


def of_two_trees(log):
    return (log.checkpoint(7), log.forked_at(2).checkpoint(7))


SEEDS = [no_checkpoint, unsigned, of_strangers, forged, of_two_sizes, of_two_trees]


@pytest.mark.parametrize("seeds", SEEDS)
def test_two_checkpoints_that_do_not_say_the_same_seed_nothing(seen, log, head_path, seeds):
    head_path.unlink()

    for order in (1, -1):
        with pytest.raises(SeedRefused):
            seed(seen.state, ORIGIN, *seeds(log)[::order])

    assert seen.add_checkpoint(log.request(0, 9), now=NOON).status == 503
    assert len(seen.state.evidence(ORIGIN).notes) == (2 if seeds is of_two_trees else 0)


def test_what_is_known_is_not_overwritten_by_a_seed(seen, log):
    with pytest.raises(SeedRefused, match="nothing is lost"):
        seed(seen.state, ORIGIN, log.checkpoint(3), log.checkpoint(3))

    assert seen.state.seen(log.keys.keys).head == log.head(5)


def test_a_log_that_is_not_trusted_is_not_seeded(seen, log):
    with pytest.raises(SeedRefused, match="trusts no log"):
        seed(seen.state, "other.example", log.checkpoint(3), log.checkpoint(3))


def test_the_checkpoint_of_another_log_seeds_nothing(seen, log, head_path):
    head_path.unlink()
    other = log.signed(type(log.head(3))("other.example", 3, leaf_hash(b"")))

    with pytest.raises(SeedRefused):
        seed(seen.state, ORIGIN, other, other)
