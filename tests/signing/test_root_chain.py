"""The way from the pinned root to the newest, with the standard library alone."""

import pytest

from signing import cose
from signing.errors import DistributionRefused, Refusal
from signing.root import Root
from signing.root_chain import file_name, first_link, newest_root, next_link
from signing.trust import open_trust_keys
from tests.distribution.cases import CASES, case
from tests.distribution.repository import KEYS, Repository, repository, root_keys
from tests.vectors import world

ABOUT_ROOTS = sorted(
    name
    for name in CASES
    if "root" in name and "expired" not in name and "missing" not in name and "withheld" not in name
)


def walk(files: dict[str, bytes], pinned: Root) -> Root:
    return newest_root(pinned, lambda version: files.get(file_name(version)))


def rotated(*generations: int) -> Repository:
    made = repository(world.NOW)
    for generation in generations:
        made.rotate(root_keys(generation))
    return made.publish()


def test_three_rotations_lead_to_the_root_that_signed_the_keys():
    made = rotated(2, 3, 4)

    newest = walk(made.files, world.root())

    assert newest == Root("demo", 4, 2, tuple(key.public for key in root_keys(4)))
    assert open_trust_keys(made.files[KEYS], newest).version == 7


def test_a_later_pin_begins_later():
    made = rotated(2, 3)
    pinned = Root("demo", 2, 2, tuple(key.public for key in root_keys(2)))
    del made.files["tuf/1.root.json"]

    assert walk(made.files, pinned).version == 3


def test_without_metadata_the_pinned_root_is_the_newest():
    assert walk({}, world.root()) == world.root()


@pytest.mark.parametrize("name", ABOUT_ROOTS)
def test_the_chain_says_of_each_distribution_what_its_clients_say(name):
    told = case(name, world.NOW)
    last = told.visits[-1]
    if last.about is None:
        assert walk(last.files, told.pin).version > 1
        return
    with pytest.raises(DistributionRefused) as refused:
        walk(last.files, told.pin)
    assert (refused.value.reason, refused.value.about) == (last.reason, last.about)


def test_the_table_tells_of_roots():
    assert len(ABOUT_ROOTS) > 10


def test_an_expired_root_still_leads_to_the_next_and_is_still_a_root():
    told = case("freeze: root expired", world.NOW)

    assert walk(told.visits[0].files, told.pin).version == 1


def test_roots_without_end_are_refused(monkeypatch):
    monkeypatch.setattr("signing.root_chain.MAX_ROOTS", 3)

    assert walk(rotated(1, 1).files, world.root()).version == 3
    with pytest.raises(DistributionRefused) as refused:
        walk(rotated(1, 1, 1).files, world.root())

    assert refused.value.reason is Refusal.TOO_LARGE


def test_a_key_that_could_not_be_admitted_is_no_root():
    made = repository(world.NOW)
    data = made.files["tuf/1.root.json"].replace(world.ROOTS[0].public.hex().encode(), b"00" * 32)

    with pytest.raises(DistributionRefused) as refused:
        first_link(world.root(), data)

    assert refused.value.reason is Refusal.MALFORMED_METADATA


def test_signatures_of_strangers_do_not_count_and_do_no_harm():
    made = repository(world.NOW)
    made.signers["root"] = [world.STRANGER, *world.ROOTS[:2], *root_keys(2)]
    made.write("root")
    link = first_link(world.root(), made.files["tuf/1.root.json"])

    assert next_link(link, made.files["tuf/2.root.json"]).root.version == 2


def test_the_keys_of_a_link_have_the_ids_of_the_pinned_root():
    link = first_link(world.root(), repository(world.NOW).files["tuf/1.root.json"])

    assert set(link.root.verifiers) == {cose.key_id(key.public) for key in world.ROOTS}
