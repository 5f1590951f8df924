"""Roots that name ML-DSA-44 keys, as clients meet them: those that can verify by such keys, and those that can not."""

import random
from datetime import UTC, datetime

import pytest

from signing import mldsa
from signing.errors import DistributionRefused
from signing.offline.kept import Kept
from signing.offline.source import FolderSource
from signing.offline.update_command import updated
from signing.root_chain import file_name, newest_root
from tests.distribution.cases import Case, Visit
from tests.distribution.clients import outcomes_of_page, outcomes_of_update
from tests.distribution.mldsa_cases import CASES, FIRST, LATER, SECOND, rotated
from tests.distribution.repository import Repository, write
from tests.distribution.test_differential import changes
from tests.tuf_client import TufClient
from tests.vectors import world

STATUS = 900


@pytest.fixture
def without_mldsa(monkeypatch):
    """Take ML-DSA-44 away, as where the library is older or not there."""
    monkeypatch.setattr(mldsa, "HAS_MLDSA", False)
    mldsa.admit.cache_clear()
    yield
    mldsa.admit.cache_clear()


def told_without(case):
    """Return what a client without ML-DSA-44 says."""
    return (case.reason, case.about) if case.all_refuse else (None, None)


def told_by_update(case, folder):
    told = case.distribution(world.NOW)
    (outcome,) = outcomes_of_update(told.pin, told.visits, folder, now=world.NOW)
    return outcome.reason, outcome.about


@pytest.mark.parametrize("name", CASES)
def test_an_update_goes_by_both_signatures(tmp_path, name):
    case = CASES[name]

    expected = (case.reason, case.about) if case.reason else (None, None)
    assert told_by_update(case, tmp_path) == expected


@pytest.mark.parametrize("name", CASES)
def test_an_update_without_the_library_goes_by_ed25519(tmp_path, without_mldsa, name):
    assert told_by_update(CASES[name], tmp_path) == told_without(CASES[name])


def chain_says(case):
    told = case.distribution(world.NOW)
    files = told.visits[0].files
    try:
        newest_root(told.pin, lambda version: files.get(file_name(version)))
    except DistributionRefused as refusal:
        return refusal.reason, refusal.about
    return None, None


@pytest.mark.parametrize("name", CASES)
def test_the_chain_of_roots_says_the_same(name):
    case = CASES[name]

    assert chain_says(case) == ((case.reason, case.about) if case.reason else (None, None))


@pytest.mark.parametrize("name", CASES)
def test_the_chain_of_roots_without_the_library_goes_by_ed25519(without_mldsa, name):
    assert chain_says(CASES[name]) == told_without(CASES[name])


def test_the_page_follows_by_ed25519():
    told = outcomes_of_page([case.distribution(world.NOW) for case in CASES.values()], now=world.NOW)

    said = {name: (one.reason, one.about) for name, (one,) in zip(CASES, told, strict=True)}
    assert said == {name: told_without(case) for name, case in CASES.items()}


def test_a_page_whose_pin_says_nothing_of_such_keys_follows_as_well():
    case = CASES["three versions, all with keys"].distribution(world.NOW)
    pin = Repository(world.NOW).pin()

    ((outcome,),) = outcomes_of_page([Case(pin, case.visits)], now=world.NOW)

    assert pin.mldsa is None
    assert (outcome.reason, outcome.status) == (None, STATUS)


def of_the_clock(*, forged):
    """Return the files of a distribution of now, for the library's own client, which goes by the clock."""
    case = CASES["Ed25519 forged, keys of the forger" if forged else "three versions, all with keys"]
    return case.distribution(datetime.now(UTC).replace(microsecond=0)).visits[0].files


@pytest.mark.parametrize(("forged", "newest"), [(False, 3), (True, 2)])
def test_another_client_of_tuf_passes_the_keys_and_signatures_by(tmp_path, forged, newest):
    public = write(tmp_path / "public", of_the_clock(forged=forged))

    client = TufClient.at(public, tmp_path / "client")

    assert client.files(public)["trust/keys.cbor"] == (public / "trust" / "keys.cbor").read_bytes()
    assert (client.memory / "root_history" / f"{newest}.root.json").exists()


def test_the_member_is_read_alike_whatever_is_changed_in_it(tmp_path, without_mldsa):
    made = Repository(world.NOW, mldsa=list(FIRST))
    pin = made.pin()
    made.write("root")
    made.publish()
    changed = [
        data for name, data in changes(made.files, random.Random(20261121)) if name == "tuf/1.root.json"
    ]
    cases = [Case(pin, [Visit(made.files | {"tuf/1.root.json": data}, "")]) for data in changed]

    in_the_page = outcomes_of_page(cases, now=world.NOW)

    for number, (case, page) in enumerate(zip(cases, in_the_page, strict=True)):
        told = outcomes_of_update(case.pin, case.visits, tmp_path / str(number), now=world.NOW)
        assert told == page, case.visits[0].files["tuf/1.root.json"]
    assert len(cases) > 100
    assert {page[0].reason for page in in_the_page} >= {None, "malformed_metadata", "wrong_root"}


def test_what_a_verifier_without_the_library_remembered_is_forgotten_where_it_does_not_follow(
    tmp_path, monkeypatch
):
    forged = CASES["Ed25519 forged, keys of the forger"].distribution(world.NOW)
    honest = CASES["three versions, all with keys"].distribution(world.NOW)
    kept, hosts = Kept(tmp_path / "kept"), {}
    for name, case in (("forged", forged), ("honest", honest)):
        hosts[name] = FolderSource(write(tmp_path / name, case.visits[0].files))
    with monkeypatch.context() as old:
        old.setattr(mldsa, "HAS_MLDSA", False)
        mldsa.admit.cache_clear()
        assert updated(hosts["forged"], forged.pin, kept, now=world.NOW).result == "updated"
    mldsa.admit.cache_clear()

    refused = updated(hosts["forged"], forged.pin, kept, now=world.NOW)
    told = updated(hosts["honest"], honest.pin, kept, now=world.NOW)

    assert (refused.refused.reason, refused.refused.about) == ("threshold_not_met", "tuf/2.root.json")
    assert told.refused is None
    assert (told.after.root, told.after.status) == (3, STATUS)


def test_a_root_that_is_refused_is_not_remembered(tmp_path):
    made = Repository(world.NOW, mldsa=list(FIRST))
    pin = made.pin()
    made.write("root")
    forged = made.copy()
    rotated([])(forged)
    made.rotate(LATER, mldsa=SECOND)
    visits = [Visit(repository.publish().files, "") for repository in (forged, made)]

    outcomes = outcomes_of_update(pin, visits, tmp_path, now=world.NOW)

    assert [outcome.reason for outcome in outcomes] == ["threshold_not_met", None]


def test_the_root_file_of_a_large_change_is_small_enough():
    made = Repository(world.NOW, mldsa=list(FIRST))
    made.write("root")
    made.mldsa_signers = [*FIRST, *SECOND]
    made.rotate(LATER, mldsa=list(SECOND))

    assert len(made.files["tuf/2.root.json"]) < 48 * 2**10
