"""A signing pool: the same signatures as one process gives, and only for what the journal has recorded."""

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from keys.errors import BytesChanged, OtherContentForEntry, OutsideEpoch
from keys.signer import certificate_signer
from keys.signer.certificate_signer import POOLED_FROM
from keys.signer.pool import SigningPool
from tests.keys.signer.process_watch import is_gone
from tests.keys.small_register import certificate


def digests_of(batch):
    return [sha256(to_be_signed).digest() for to_be_signed in batch]


def test_a_batch_comes_back_in_its_order_with_the_signatures_that_one_process_gives(
    pooled, pool, signer, batch
):
    signatures = pooled.sign_many(batch)

    assert len(pool.process_ids()) == 2
    assert signatures == [signer.sign(to_be_signed) for to_be_signed in batch]
    assert pooled.sign_many(batch[3:50]) == signatures[3:50]


@pytest.mark.parametrize("processes", [1, 3])
def test_any_number_of_processes_gives_the_same(store, identity_file, epoch_key, signer, batch, processes):
    with SigningPool(store.folder, identity_file, processes=processes) as pool:
        for size in (1, 2, 3, 7, 100):
            asked = batch[:size]
            assert pool.sign_many(epoch_key, asked, digests_of(asked)) == signer.sign_many(asked)
        assert pool.sign_many(epoch_key, [], []) == []


def test_there_is_a_process_for_each_core(store, identity_file):
    with SigningPool(store.folder, identity_file) as pool:
        assert pool.process_ids() == []
        pool.start()
        assert len(pool.process_ids()) == len(os.sched_getaffinity(0))


def test_a_small_batch_and_a_single_issue_start_no_process(pooled, pool, batch):
    pooled.sign(batch[0])
    pooled.sign_many(batch[: POOLED_FROM - 1])
    assert pool.process_ids() == []

    pooled.sign_many(batch[:POOLED_FROM])
    assert pool.process_ids() != []


def test_the_journal_has_the_whole_batch_before_any_process_is_asked(
    pooled, pool, journal, batch, monkeypatch
):
    known, synced = [], []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(descriptor) or real(descriptor))
    ask = pool.sign_many
    monkeypatch.setattr(
        SigningPool, "sign_many", lambda self, *given: known.extend(journal.entries()) or ask(*given)
    )

    pooled.sign_many(batch)

    assert [signed.digest for signed in known] == digests_of(batch)
    assert len(synced) == 1


def test_each_statement_is_read_once(pooled, batch, monkeypatch):
    read = []
    real = certificate_signer._statement_in
    monkeypatch.setattr(
        certificate_signer, "_statement_in", lambda carried: read.append(carried) or real(carried)
    )

    pooled.sign_many(batch)

    assert len(read) == len(batch)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [({"entry": 101}, OutsideEpoch), ({"entry": 100, "name": "李四"}, OtherContentForEntry)],
)
def test_what_must_not_be_signed_reaches_no_process(pooled, pool, epoch_key, batch, wrong, error):
    pooled.sign(batch[0])

    with pytest.raises(error):
        pooled.sign_many([*batch, certificate(epoch_key, **wrong)])

    assert pool.process_ids() == []


def test_bytes_that_changed_after_they_were_recorded_are_not_signed(pool, epoch_key, batch):
    recorded = digests_of(batch)
    for place in (0, 50, 99):
        changed = [*batch]
        changed[place] = changed[place][:-1] + bytes([changed[place][-1] ^ 1])

        with pytest.raises(BytesChanged) as refusal:
            pool.sign_many(epoch_key, changed, recorded)

        assert refusal.value.digest == recorded[place]


def test_a_closed_pool_has_no_process_and_can_be_used_again(pooled, pool, batch):
    signatures = pooled.sign_many(batch)
    before = pool.process_ids()

    pool.close()

    assert pool.process_ids() == []
    assert all(map(is_gone, before))
    assert pooled.sign_many(batch) == signatures


def test_a_process_takes_nothing_of_its_parent_but_the_places_to_import_from(pool, monkeypatch):
    monkeypatch.setenv("CERTREG_DATABASE_URL", "postgresql://somebody:secret@host/register")
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)

    pool.start()
    process_id = pool.process_ids()[0]
    with open(f"/proc/{process_id}/environ", "rb") as file:
        names = {setting.partition(b"=")[0] for setting in file.read().split(b"\0") if setting}

    os.close(writer)
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert names == {b"PYTHONPATH"}


def test_many_threads_share_a_pool(pooled, batch):
    signatures = pooled.sign_many(batch)
    with ThreadPoolExecutor(4) as threads:
        shares = [slice(place, place + 40) for place in (0, 20, 40, 60)]
        signed = list(threads.map(lambda share: pooled.sign_many(batch[share]), shares))

    assert signed == [signatures[share] for share in shares]
