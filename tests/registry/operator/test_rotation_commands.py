"""Keys that follow others: verifiers and clients that know the old ones come to the new ones."""

import json
import shutil
from datetime import timedelta
from hashlib import sha256

import pytest

from keys.custodians import CustodianMedium
from keys.distribution.roles import LASTS, Role
from keys.key_file import KeyKind
from keys.medium import key_on
from keys.roots import RootMedium
from registry.certificate.ceremonies import recorded
from registry.operator.ceremony import record_unfinished, renew_names
from registry.operator.custody import Custody
from registry.operator.desk import Desk, present
from registry.operator.offline_files import newest_link, signed_keys
from registry.settings import load_settings
from signing.cose import key_id
from signing.root import Root
from tests.tuf_client import TufClient


def new(office, *names):
    """Return the options that name new media."""
    return [part for name in names for part in ("--new-medium", f"{office.folder}/media/{name}")]


def on(office, option, *names):
    return [part for name in names for part in (option, f"{office.folder}/media/{name}")]


def custody(office):
    return Custody(load_settings(office.environ))


def key_ids(office, kind, state="in_use"):
    lines = [line.split() for line in office.done("key", "list").splitlines()]
    return [line[0] for line in lines if line[1:3] == [kind, state]]


def root_media(office, *names):
    identity = custody(office).identity
    return [RootMedium(office.folder / "media" / name, identity) for name in names]


@pytest.fixture
def published(office):
    """An office that has published, with a client that has seen it."""
    office.done("publish")
    client_of(office).files(office.folder / "public")
    return office


def client_of(office):
    return TufClient.at(office.folder / "public", office.folder / "client")


def require_followed(office, names=("root-0", "root-1")):
    """Require that the old client and a new one find what is published, and that the check finds nothing."""
    public = office.folder / "public"
    office.done("publish")
    trust = (public / "trust" / "keys.cbor").read_bytes()
    newest = custody(office).root.version
    pinned = TufClient.at(public, office.folder / f"pins-{newest}", root=newest)
    for client in (client_of(office), TufClient.at(public, office.folder / "late"), pinned):
        assert client.files(public)["trust/keys.cbor"] == trust
    assert json.loads(office.done("check", "--full", "--json"))["findings"] == []


def test_all_root_keys_may_be_followed_at_once(published):
    before = custody(published).root

    said = published.done(
        "key", "rotate-root", *published.media(2), *new(published, "new-0", "new-1", "new-2"), "--yes"
    )

    assert said.count("leaves") == 3
    after = Root.from_json((published.folder / "trusted-root.json").read_text())
    assert (after.version, after.threshold, len(after.keys)) == (2, 2, 3)
    assert set(after.keys).isdisjoint(before.keys)
    require_followed(published)
    # The old root keys sign nothing any more, the new ones do.
    assert "2 needed" in published.refused("key", "open-epoch", *published.media(2), "--ahead")
    published.done("key", "open-epoch", *on(published, "--medium", "new-0", "new-2"), "--ahead")
    require_followed(published)


def test_a_lost_root_key_rotates_out_with_the_two_others(published):
    lost = list(custody(published).root.verifiers)[2].hex()
    order = ("key", "rotate-root", *new(published, "new-0"), "--leaving", lost, "--yes")

    assert "2 needed" in published.refused(*order, *published.media(1))
    assert not (published.folder / "media" / "new-0").exists()
    published.done(*order, *published.media(2))

    root = custody(published).root
    assert lost not in [key_id.hex() for key_id in root.verifiers]
    assert len(root.keys) == 3
    require_followed(published)


@pytest.mark.parametrize(
    ("names", "leaving", "why"),
    [
        (("new-0",), (), "as many --leaving"),
        (("new-0", "new-1"), ("aaaaaaaa",), "as many --leaving"),
        (("new-0",), ("aaaaaaa",), "8 hex digits"),
        (("root-0",), ("aaaaaaaa",), "of its own"),
    ],
)
def test_a_change_of_root_that_is_not_meant_is_wrong_use(office, names, leaving, why):
    options = [part for key_id in leaving for part in ("--leaving", key_id)]

    said = office.refused(
        "key", "rotate-root", *office.media(2), *new(office, *names), *options, "--yes", code=2
    )

    assert why in said


def test_a_key_that_the_root_does_not_have_can_not_leave_it(office):
    said = office.refused(
        "key", "rotate-root", *office.media(2), *new(office, "new-0"), "--leaving", "aaaaaaaa", "--yes"
    )

    assert "unknown key id aaaaaaaa" in said


def test_whoever_does_not_say_yes_changes_nothing(office):
    before = custody(office).home.kept()
    media = new(office, "new-0", "new-1", "new-2")

    said = office.refused("key", "rotate-root", *office.media(2), *media, input="n\n")

    assert "leaves" in said
    assert custody(office).home.kept() == before
    assert not (office.folder / "media" / "new-0").exists()


def test_a_change_of_root_that_is_asked_for_again_is_done_once(published):
    media = new(published, "new-0", "new-1", "new-2")
    published.done("key", "rotate-root", *published.media(2), *media, "--yes")
    before = custody(published).home.kept()

    published.done("key", "rotate-root", *published.media(2), *media, "--yes")

    assert custody(published).home.kept() == before


def test_a_new_publication_key_publishes_from_now_on(published):
    old = key_ids(published, "publication")

    published.done("key", "rotate-publication", *published.media(2), "--yes")

    new_ids = key_ids(published, "publication")
    assert len(new_ids) == 1
    assert key_ids(published, "publication", "retired") == old != new_ids
    require_followed(published)
    # The key before signed that one publication, too, and is not asked for any more.
    for leaving in old:
        (published.folder / "keys" / "store" / f"publication-{leaving}.age").unlink()
    require_followed(published)


def test_without_the_publication_key_nothing_is_published(office):
    for path in (office.folder / "keys" / "store").glob("publication-*"):
        path.unlink()

    assert "rotate-publication" in office.refused("publish")


def test_a_lost_publication_key_is_followed_by_another(published):
    for path in (published.folder / "keys" / "store").glob("publication-*"):
        path.unlink()

    published.done("key", "rotate-publication", *published.media(2), "--yes")

    require_followed(published)


def test_a_new_publication_key_is_recorded(published):
    published.done("key", "rotate-publication", *published.media(2), "--yes")

    told = Desk(load_settings(published.environ)).installation.sessions.read(recorded)[-1]
    newest = newest_link(custody(published))
    assert (told["ceremony"], told["file"], told["version"]) == ("rotate_publication", "trust/root", 2)
    assert told["sha256"] == sha256(newest.data).hexdigest()
    assert told["keys"] == [key_id(public).hex() for public in newest.publication]


def test_a_trust_bundle_that_no_ceremony_recorded_is_recorded_by_the_next(published):
    keys, media = custody(published), root_media(published, "root-0", "root-1")
    keys.home.keep(signed_keys(keys, keys.trust, keys.trust, keys.root_signers(media), now=present()))

    published.done("key", "rotate-status", *published.media(2), "--yes")

    told = Desk(load_settings(published.environ)).installation.sessions.read(recorded)
    made = [(each["ceremony"], each["version"]) for each in told if each["file"] == "trust/keys"]
    assert made == [("found", 1), ("resumed", 2), ("rotate_status", 3)]
    require_followed(published)


def test_a_new_status_key_signs_from_now_on(published):
    (old,) = key_ids(published, "status")

    published.done("key", "rotate-status", *published.media(2), "--yes")

    assert key_ids(published, "status", "retired") == [old]
    require_followed(published)


def test_all_custodians_may_be_followed_at_once(published):
    old = set(key_ids(published, "custodian"))

    published.done(
        "key", "rotate-custodian", *published.media(2), *new(published, "other-0", "other-1"), "--yes"
    )

    assert set(key_ids(published, "custodian", "retired")) == old
    require_followed(published)
    others = on(published, "--custodian-medium", "other-0", "other-1")
    assert "as they were" in published.done("key", "names", *others)


def test_one_custodian_is_followed_while_the_other_stays(published):
    published.done(
        "key",
        "rotate-custodian",
        *published.media(2),
        *new(published, "other-0"),
        *published.custodians(1),
        "--yes",
    )

    assert len(key_ids(published, "custodian")) == 2
    assert len(key_ids(published, "custodian", "retired")) == 1
    require_followed(published)


def test_one_custodian_alone_is_not_left(published):
    before = custody(published).home.kept()

    said = published.refused(
        "key", "rotate-custodian", *published.media(2), *published.custodians(1), "--yes"
    )

    assert "2 needed" in said
    assert custody(published).home.kept() == before


def test_a_third_custodian_may_come_and_another_leave_later(published):
    published.done(
        "key",
        "rotate-custodian",
        *published.media(2),
        *new(published, "other-0"),
        *published.custodians(),
        "--yes",
    )
    assert len(key_ids(published, "custodian")) == 3

    staying = [*published.custodians(0), *on(published, "--custodian-medium", "other-0")]
    published.done("key", "rotate-custodian", *published.media(2), *staying, "--yes")

    assert len(key_ids(published, "custodian")) == 2
    require_followed(published)


def test_a_root_that_would_not_outlast_what_it_signs_is_renewed_with_it(published):
    keys, media = custody(published), root_media(published, "root-0", "root-1")
    before, much_later = keys.root, present() + LASTS[Role.ROOT] - LASTS[Role.TARGETS]

    for ahead_of_expiry, version in ((timedelta(days=2), 1), (timedelta(0), 2)):
        now = much_later - ahead_of_expiry
        keys.home.keep(signed_keys(keys, keys.trust, keys.trust, keys.root_signers(media), now=now))
        assert keys.root.version == version
        desk = Desk(load_settings(published.environ))
        record_unfinished(desk.installation, desk.custody, desk.actor, now=present())

    assert keys.root.keys == before.keys
    require_followed(published)


def test_names_are_signed_anew_when_half_of_their_time_is_over(published):
    desk = Desk(load_settings(published.environ))
    custodians = [
        CustodianMedium(published.folder / "media" / f"custodian-{place}", desk.custody.identity)
        for place in (0, 1)
    ]

    try:
        for days, renewed in ((199, False), (201, True), (202, False)):
            now = present() + timedelta(days=days)
            assert renew_names(desk.installation, desk.custody, custodians, now=now) is renewed
    finally:
        desk.close()


def test_a_medium_of_a_key_that_stays_takes_the_place_of_none(published):
    roots = custody(published).root
    leaving = root_id(published, "root-0")
    media = [*published.media(2), *new(published, "root-2")]

    said = published.refused("key", "rotate-root", *media, "--leaving", leaving.hex(), "--yes")

    assert f"key {leaving.hex()}: it can not leave" in said
    assert custody(published).root == roots

    kept = key_on(
        CustodianMedium(published.folder / "media" / "custodian-1", custody(published).identity),
        KeyKind.CUSTODIAN,
    )
    (old,) = set(key_ids(published, "custodian")) - {kept.key_id.hex()}
    media = [*published.media(2), *new(published, "custodian-1")]
    said = published.refused("key", "rotate-custodian", *media, "--leaving", old, "--yes")
    assert f"key {old}: it can not leave" in said
    assert old in key_ids(published, "custodian")


def root_id(office, name):
    (medium,) = root_media(office, name)
    return key_on(medium, KeyKind.ROOT).key_id


def test_two_copies_of_a_medium_are_one_key_and_nothing_is_made(published):
    copy = published.folder / "media" / "copy"
    shutil.copytree(published.folder / "media" / "root-0", copy)
    before = sorted((published.folder / "keys" / "store").iterdir())
    twice = [*published.media(1), "--medium", str(copy)]

    for ceremony in ("rotate-status", "rotate-publication"):
        said = published.refused("key", ceremony, *twice, "--yes")
        assert "1 root keys given, 2 needed" in said

    assert sorted((published.folder / "keys" / "store").iterdir()) == before


def test_a_change_of_custodians_that_is_asked_for_again_is_done_once(published):
    order = ("key", "rotate-custodian", *published.media(2), *new(published, "other-0", "other-1"), "--yes")
    published.done(*order)
    now = key_ids(published, "custodian")

    published.done(*order)

    assert key_ids(published, "custodian") == now
    require_followed(published)
