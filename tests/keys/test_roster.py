"""The file with the roster: two custodians of now signed it, and no version follows that takes back what one said."""

import os
import stat
from datetime import timedelta
from uuid import UUID

import pytest

from keys.custodians import CustodianMedium, add_custodian_keys, open_custodian
from keys.errors import NotEnoughCustodians, UnlawfulSuccession, WentBackwards
from keys.roster import RosterHome, open_roster, write_roster
from keys.signed_file import sign_by_custodians
from keys.trust_changes import distrust, retire
from signing.cose import Kind
from signing.errors import Malformed, NotSignedByCustodians, WrongEnvironment
from signing.root import SignedFile
from signing.roster import Duty, Roster, RosterEntry, in_order
from tests.instants import NOON, NOON_UTC, THAT_DAY
from tests.keys.small_register import ENVIRONMENT, killed_inside
from tests.vectors.world import SeedKey

PERSON, SOMEBODY = UUID(int=1), UUID(int=2)


def duty(name="reviewer", person=PERSON, **changed):
    ordinary = {
        "duty": Duty.PROVINCE,
        "jurisdiction": "CN-21",
        "first_on": THAT_DAY,
        "last_on": THAT_DAY + timedelta(days=1000),
        "revoked_at": None,
    }
    return RosterEntry(public=SeedKey(name).public, person=person, **ordinary | changed)


ONE, TWO = duty(), duty("another", SOMEBODY)
REVOKED = duty(revoked_at=NOON_UTC)


@pytest.fixture
def home(tmp_path):
    return RosterHome(tmp_path / "keys" / "signer" / "roster.cbor")


@pytest.fixture
def written(trust, custodians):
    def write(*entries, previous=None, known=trust, signers=None, now=NOON):
        signers = custodians.signers if signers is None else signers
        return write_roster(
            in_order(entries), previous=previous, trust=known, custodian_signers=signers, now=now
        )

    return write


@pytest.fixture
def signed(trust, custodians):
    """Sign a roster whatever it says."""

    def sign(roster, *, kind=Kind.ROSTER):
        return sign_by_custodians(roster.to_payload(), kind, trust=trust, signers=custodians.signers)

    return sign


def test_what_two_custodians_signed_is_the_roster(written, trust):
    data = written(ONE, TWO, now=NOON + timedelta(milliseconds=7))

    roster = open_roster(data, trust)
    assert (roster.environment, roster.version, roster.made_at) == (ENVIRONMENT, 1, NOON_UTC)
    assert roster.entries == in_order([ONE, TWO])


def test_one_custodian_alone_signs_no_roster(written, custodians):
    for signers in ([], custodians.signers[:1], custodians.signers[:1] * 2):
        with pytest.raises(NotEnoughCustodians):
            written(ONE, signers=signers)


def test_other_keys_than_the_custodians_sign_no_roster(written, roots):
    with pytest.raises(NotEnoughCustodians):
        written(ONE, signers=roots.signers)


def test_a_file_with_one_custodians_signature_is_no_roster(home, written, trust):
    file = SignedFile.from_bytes(written(ONE))
    for signatures in (file.signatures[:1], file.signatures[:1] * 2):
        data = SignedFile(file.payload, signatures).to_bytes()

        with pytest.raises(NotSignedByCustodians):
            home.keep(data, trust)
    assert home.roster(trust) is None


def test_a_roster_of_another_kind_or_environment_is_none(home, signed, trust):
    roster = Roster(ENVIRONMENT, 1, NOON_UTC, (ONE,))
    with pytest.raises(NotSignedByCustodians):
        home.keep(signed(roster, kind=Kind.TRUST_NAMES), trust)
    with pytest.raises(WrongEnvironment):
        home.keep(signed(Roster("production", 1, NOON_UTC, (ONE,))), trust)
    assert not home.path.exists()


def test_each_newer_version_takes_the_place_of_the_last(home, written, trust):
    first = home.keep(written(ONE), trust)
    second = home.keep(written(ONE, TWO, previous=first), trust)

    assert (first.version, second.version) == (1, 2)
    assert home.roster(trust) == second
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o644


def test_an_older_version_never_comes_back(home, written, trust):
    data = written(ONE)
    first = home.keep(data, trust)
    home.keep(written(ONE, TWO, previous=first), trust)

    for older in (data, written(ONE, previous=first)):
        with pytest.raises(WentBackwards):
            home.keep(older, trust)

    assert home.roster(trust).entries == in_order([ONE, TWO])


def test_the_same_bytes_again_change_nothing(home, written, trust):
    data = written(ONE)

    assert home.keep(data, trust) == home.keep(data, trust)
    assert home.path.read_bytes() == data


def test_before_the_first_there_is_none_and_what_does_not_verify_is_not_read(home, written, trust):
    assert home.roster(trust) is None
    data = written(ONE)
    home.keep(data, trust)
    home.path.write_bytes(data[:-1])

    with pytest.raises(Malformed):
        home.roster(trust)


def test_a_kill_while_it_is_written_leaves_the_last_version(home, written, trust):
    first = home.keep(written(ONE), trust)
    second = written(TWO, previous=first)

    def act():
        os.rename = lambda *arguments: os._exit(137)
        home.keep(second, trust)

    assert killed_inside(act)
    assert home.roster(trust) == first
    home.keep(second, trust)


# What may follow.

LAWFUL = {
    "a new key": ((ONE,), (ONE, TWO)),
    "a key that is gone": ((ONE, TWO), (TWO,)),
    "another duty of a key": ((ONE,), (ONE, duty(duty=Duty.OFFICE, jurisdiction="CN"))),
    "a duty moved": ((ONE,), (duty(jurisdiction="CN-33"),)),
    "more days": ((ONE,), (duty(last_on=THAT_DAY + timedelta(days=2000)),)),
    "a key revoked": ((ONE,), (REVOKED,)),
    "a key revoked earlier than was thought": ((REVOKED,), (duty(revoked_at=NOON_UTC - timedelta(days=3)),)),
    "a new key of the same person": ((REVOKED,), (REVOKED, duty("newer"))),
}


@pytest.mark.parametrize(("before", "after"), LAWFUL.values(), ids=LAWFUL.keys())
def test_people_come_and_go(home, written, trust, before, after):
    first = home.keep(written(*before), trust)

    assert home.keep(written(*after, previous=first), trust).entries == in_order(after)


UNLAWFUL = {
    "a key that changes hands": ((ONE,), (duty(person=SOMEBODY),), "changed hands"),
    "a key that changes hands with its duty": (
        (ONE,),
        (duty(person=SOMEBODY, duty=Duty.OFFICE, jurisdiction="CN"),),
        "changed hands",
    ),
    "a revoked key that returns": ((REVOKED,), (ONE,), "was revoked and can not return"),
    "a revoked key that returns with another duty": (
        (REVOKED,),
        (REVOKED, duty(duty=Duty.OFFICE, jurisdiction="CN")),
        "was revoked and can not return",
    ),
    "a key revoked later than it was": (
        (REVOKED,),
        (duty(revoked_at=NOON_UTC + timedelta(seconds=1)),),
        "was revoked and can not return",
    ),
    "a revoked key that is forgotten, to return some day": (
        (REVOKED, TWO),
        (TWO,),
        "was revoked and has to stay",
    ),
}


@pytest.mark.parametrize(("before", "after", "words"), UNLAWFUL.values(), ids=UNLAWFUL.keys())
def test_what_a_roster_took_back_no_later_one_gives_again(home, written, trust, before, after, words):
    first = home.keep(written(*before), trust)

    with pytest.raises(UnlawfulSuccession, match=words):
        written(*after, previous=first)

    assert home.roster(trust) == first


# Custodians come and go, too.


def changed(trust, custodians, change):
    return change(trust, custodians.signers[0].key_id)


GONE = {
    "retired": retire,
    "distrusted": lambda trust, key_id: distrust(trust, key_id, at=NOON, honest=[]),
}


@pytest.mark.parametrize("change", GONE.values(), ids=GONE.keys())
def test_what_a_custodian_signed_who_is_none_any_more_counts_no_longer(
    home, written, trust, custodians, change
):
    home.keep(written(ONE), trust)
    later = changed(trust, custodians, change)

    with pytest.raises(NotSignedByCustodians):
        home.roster(later)
    with pytest.raises(NotEnoughCustodians):
        written(ONE, TWO, known=later)


@pytest.fixture
def successors(trust, custodians, tmp_path, seal):
    """A trust bundle with two new custodians beside one who stayed; the other was retired."""
    media = [CustodianMedium(tmp_path / f"successor-{place}", seal) for place in range(2)]
    later = retire(add_custodian_keys(trust, media, now=NOON), custodians.signers[0].key_id)
    return later, [open_custodian(medium) for medium in media]


def test_after_a_custodian_was_retired_the_others_sign_the_next_version(home, written, trust, successors):
    later, signers = successors
    home.keep(written(ONE), trust)

    last = home.last(trust)
    data = written(ONE, TWO, previous=last, known=later, signers=signers)

    assert last.version == 1
    assert home.keep(data, later).version == 2
    assert home.roster(later).entries == in_order([ONE, TWO])


def test_after_a_custodian_was_retired_no_older_version_comes_back_either(home, written, trust, successors):
    later, signers = successors
    first = home.keep(written(ONE), trust)
    home.keep(written(ONE, TWO, previous=first), trust)

    with pytest.raises(WentBackwards):
        home.keep(written(ONE, previous=first, known=later, signers=signers), later)


def test_the_last_roster_is_none_before_the_first_and_malformed_if_it_is_no_roster(home, written, trust):
    assert home.last(trust) is None
    home.keep(written(ONE), trust)
    home.path.write_bytes(b"\x80")

    with pytest.raises(Malformed):
        home.last(trust)


def test_what_one_custodian_signed_is_no_last_roster_and_still_claims_its_version(home, written, trust):
    assert home.claimed_version() == 0
    home.keep(written(ONE), trust)
    file = SignedFile.from_bytes(home.path.read_bytes())
    home.path.write_bytes(SignedFile(file.payload, file.signatures[:1]).to_bytes())

    with pytest.raises(NotSignedByCustodians):
        home.last(trust)
    assert home.claimed_version() == 1
    home.path.write_bytes(b"\x80")
    assert home.claimed_version() == 0


def test_the_next_version_comes_after_the_one_that_is_claimed(home, custodians, trust):
    data = write_roster(
        in_order([ONE]), previous=None, trust=trust, custodian_signers=custodians.signers, now=NOON, after=6
    )

    assert home.keep(data, trust).version == 7
