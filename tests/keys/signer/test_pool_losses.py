"""What a signing pool does when a process of it, or its owner, dies, hangs, does wrong or is interrupted."""

import os
import signal
import time
from multiprocessing import Pipe

import pytest

from keys.errors import CorruptSignature, KeyUnavailable, SigningProcessLost
from keys.signer import signing_process
from keys.signer.journal import SignerJournal
from keys.signer.pool import SigningPool
from tests.keys.signer.process_watch import wait_until_gone


def test_a_corrupt_signature_of_a_process_never_comes_out(make_strange, signer, batch):
    strange, heal = make_strange("flips")

    with pytest.raises(CorruptSignature):
        strange.sign_many(batch)

    heal()
    assert strange.sign_many(batch) == signer.sign_many(batch)


LOST = {
    "dies": "ended",
    "never runs": "ended",
    "hangs": "no answer for 0.5 seconds",
    "speaks nonsense": "no proper answer",
    "answers too little": "no proper answer",
    "answers too much": "ended",
    "knows another outcome": "no proper answer",
}


@pytest.mark.parametrize(("strangeness", "why"), LOST.items(), ids=LOST)
def test_a_lost_process_fails_the_call_and_the_next_one_starts_anew(
    make_strange, signer, journal, batch, strangeness, why
):
    strange, heal = make_strange(strangeness, timeout_seconds=0.5 if strangeness == "hangs" else 30)

    with pytest.raises(SigningProcessLost, match=why):
        strange.sign_many(batch)

    recorded = list(journal.entries())
    heal()
    strange._pool._timeout = 30
    assert strange.sign_many(batch) == signer.sign_many(batch)
    assert list(journal.entries()) == recorded


def test_a_process_killed_between_two_calls_costs_one_call(pooled, pool, batch):
    signatures = pooled.sign_many(batch)
    before = pool.process_ids()
    os.kill(before[0], signal.SIGKILL)
    assert wait_until_gone(before[:1])

    with pytest.raises(SigningProcessLost):
        pooled.sign_many(batch)

    assert pooled.sign_many(batch) == signatures
    assert not set(pool.process_ids()) & set(before)
    assert wait_until_gone(before)


@pytest.mark.parametrize("name", ["identity/identity.txt", "store/certificate-{key}.age"])
def test_a_key_that_can_not_be_opened_is_told_and_asked_for_again(
    pooled, pool, epoch_key, batch, tmp_path, name
):
    path = tmp_path / name.format(key=epoch_key.hex())
    path.chmod(0o644)

    with pytest.raises(KeyUnavailable, match="lets others in"):
        pooled.sign_many(batch)

    path.chmod(0o600)
    assert len(pooled.sign_many(batch)) == len(batch)


def test_an_interrupted_call_leaves_no_answer_for_the_next(pooled, batch, monkeypatch):
    class Interrupted(BaseException):
        pass

    def interrupt(message, *, asked):
        raise Interrupted

    with monkeypatch.context() as broken:
        broken.setattr("keys.signer.pool.Answer.from_bytes", interrupt)
        with pytest.raises(Interrupted):
            pooled.sign_many(batch)

    assert pooled.sign_many(batch[:40]) == pooled.sign_many(batch)[:40]


def test_no_room_for_processes_is_told(pooled, batch, monkeypatch):
    def full(*arguments, **options):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("keys.signer.pool_process.subprocess.Popen", full)

    with pytest.raises(SigningProcessLost, match="can not be started: Resource temporarily"):
        pooled.sign_many(batch)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_to_the_whole_group_lets_a_batch_end(pooled, pool, batch, stop):
    signatures = pooled.sign_many(batch)

    for process_id in pool.process_ids():
        os.kill(process_id, stop)

    assert pooled.sign_many(batch) == signatures


@pytest.mark.parametrize("held_open", [False, True])
def test_the_processes_end_when_their_parent_is_killed(store, identity_file, held_open):
    reader, writer = os.pipe()

    def parent():
        os.close(reader)
        pool = SigningPool(store.folder, identity_file, processes=2)
        pool.start()
        told = pool.process_ids()
        if held_open and (fork := os.fork()) == 0:
            # It holds the other ends of the pipes for as long as this test may take.
            time.sleep(60)
            os._exit(0)
        os.write(writer, " ".join(map(str, [*told, fork] if held_open else told)).encode())
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            parent()
        finally:
            os._exit(1)
    os.close(writer)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    process_ids = [int(word) for word in os.read(reader, 1000).split()]
    os.close(reader)

    assert len(process_ids) == (3 if held_open else 2)
    assert wait_until_gone(process_ids[:2])
    if held_open:
        os.kill(process_ids[2], signal.SIGKILL)


def test_a_forked_copy_of_a_pool_starts_its_own_processes_and_ends_only_those(pooled, pool, batch, tmp_path):
    signatures = pooled.sign_many(batch)
    before = pool.process_ids()

    child = os.fork()
    if child == 0:
        own = SignerJournal.open(tmp_path / "journal" / "signer.txt")
        pooled._journal._descriptor = own._descriptor
        same = pooled.sign_many(batch) == signatures and not set(pool.process_ids()) & set(before)
        pool.close()
        os._exit(0 if same else 1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pool.process_ids() == before
    assert pooled.sign_many(batch) == signatures


def test_a_signing_process_ends_with_its_pipe(store, identity_file):
    ours, theirs = Pipe()
    ours.close()

    signing_process.serve(theirs, os.getppid(), lambda key_id: None)
