"""The ML-DSA-44 keys of root holders, through the ceremonies: founded with them, given to those from before, kept."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from keys.distribution.offline import write_root_metadata
from keys.distribution.roles import LASTS, Role
from keys.errors import UnsoundMetadata
from keys.kept_trust import TrustFiles
from keys.roots import RootMedium, mldsa_signers, open_root
from registry.operator import ceremony
from registry.operator.custody import Custody, present
from registry.operator.offline_files import following, newest_link, signed_keys
from registry.settings import load_settings
from signing import mldsa
from signing.errors import DistributionRefused
from signing.offline.kept import Kept
from signing.offline.public_files import trusted_root
from signing.offline.source import FolderSource
from signing.offline.update_command import updated
from signing.root import Root
from tests.distribution.cases import Case
from tests.distribution.clients import outcomes_of_page, visit_of
from tests.keys.small_register import create_roots_as_before
from tests.registry.operator.test_key_commands import QuickPassphrase
from tests.tuf_client import TufClient


def custody(office):
    return Custody(load_settings(office.environ))


def pinned(office):
    return Root.from_json((office.folder / "trusted-root.json").read_bytes())


def on(office, option, *names):
    return [part for name in names for part in (option, f"{office.folder}/media/{name}")]


def new(office, *names):
    return on(office, "--new-medium", *names)


def media_of(office, *names):
    identity = custody(office).identity
    return [RootMedium(office.folder / "media" / name, identity) for name in names]


def seconds(office):
    """Return on which media there is an ML-DSA-44 key."""
    return sorted(path.parent.name for path in (office.folder / "media").glob("*/root-mldsa44-*.pub"))


def require_followed(office, pins):
    """Require that what is published is followed from these pins by every client there is."""
    office.done("publish")
    public, newest = office.folder / "public", custody(office).root.version
    (outcomes,) = zip(
        *outcomes_of_page([Case(pin, [visit_of(public)]) for pin in pins], now=present()), strict=True
    )
    for place, (pin, outcome) in enumerate(zip(pins, outcomes, strict=True)):
        assert outcome.reason is None
        assert trusted_root(pin, public) == custody(office).root
        kept = Kept(office.folder / f"kept-{newest}-{place}")
        told = updated(FolderSource(public), pin, kept, now=present())
        assert (told.result, told.after.root) == ("updated", newest)
        client = TufClient.at(public, office.folder / f"client-{newest}-{place}", root=pin.version)
        assert client.files(public)["trust/keys.cbor"] == (public / "trust" / "keys.cbor").read_bytes()
    assert json.loads(office.done("check", "--full", "--json"))["findings"] == []


@pytest.fixture
def founded_before(empty_office, monkeypatch):
    """An office whose root keys were made before there were ML-DSA-44 keys."""
    monkeypatch.setattr(ceremony, "create_roots", create_roots_as_before)
    empty_office.found()
    return empty_office


def test_a_founding_tells_of_the_second_keys_and_pins_them(empty_office):
    empty_office.done("init")

    said = empty_office.done("key", "found", *empty_office.media(), *empty_office.custodians())

    assert "ML-DSA-44  a key on each of 3 media; 2 sign each root as well" in said
    assert seconds(empty_office) == ["root-0", "root-1", "root-2"]
    root = pinned(empty_office)
    assert (root.mldsa.threshold, set(root.mldsa.of_holder)) == (2, set(root.keys))
    assert "a key on each of 3 media" in empty_office.done("key", "list")


def test_three_versions_of_the_root_are_followed_by_every_client(office):
    pins = [pinned(office)]
    office.done("publish")
    leaving = list(pins[0].verifiers)[2].hex()
    said = office.done(
        "key", "rotate-root", *office.media(2), *new(office, "new-0"), "--leaving", leaving, "--yes"
    )
    pins.append(pinned(office))
    office.done(
        "key", "rotate-root", *on(office, "--medium", "root-1", "new-0"),
        *new(office, "new-1", "new-2", "new-3"), "--yes",
    )  # fmt: skip

    require_followed(office, [*pins, replace(pins[0], mldsa=None)])

    assert "a key on each of 3 media; 2 sign each root as well" in said
    assert custody(office).root.version == 3
    named = [root.mldsa.of_holder for root in (*pins, pinned(office))]
    assert [len(keys.items() & later.items()) for keys, later in pairwise(named)] == [
        2,
        0,
    ]


def test_another_publication_key_and_a_renewed_root_are_signed_by_them_as_well(office):
    pins = [pinned(office)]
    office.done("key", "rotate-publication", *office.media(2), "--yes")
    require_followed(office, pins)
    keys = custody(office)
    signers = keys.root_signers(media_of(office, "root-0", "root-2"))
    later = present() + LASTS[Role.ROOT]

    keys.home.keep(signed_keys(keys, keys.trust, keys.trust, signers, now=later))

    assert (keys.root.version, keys.root.mldsa) == (3, pins[0].mldsa)


def test_holders_from_before_get_theirs_at_the_next_rotation(founded_before):
    office, pins = founded_before, [pinned(founded_before)]
    assert pins[0].mldsa is None
    assert "none: not every holder has one" in office.done("key", "list")
    office.done("key", "rotate-status", *office.media(2), "--yes")
    require_followed(office, pins)
    leaving = next(iter(pins[0].verifiers)).hex()

    said = office.done(
        "key", "rotate-root", *office.media(3), *new(office, "new-0"), "--leaving", leaving, "--yes"
    )

    assert "on those of holders who stay and have none" in said
    assert seconds(office) == ["new-0", "root-1", "root-2"]
    assert set(pinned(office).mldsa.of_holder) == set(pinned(office).keys)
    require_followed(office, [*pins, pinned(office)])


def test_a_root_of_which_one_holder_is_away_names_none_until_he_comes(founded_before):
    office, pins = founded_before, [pinned(founded_before)]
    leaving = next(iter(pins[0].verifiers)).hex()
    said = office.done(
        "key", "rotate-root", *office.media(2), *new(office, "new-0"), "--leaving", leaving, "--yes"
    )
    assert "ML-DSA-44  none: not every holder has one" in said
    assert pinned(office).mldsa is None
    here, all_of_them = (
        on(office, "--medium", *names) for names in (("root-1", "new-0"), ("root-1", "new-0", "root-2"))
    )

    refused = office.refused("key", "rotate-root", *here, "--yes")
    office.done("key", "rotate-root", *all_of_them, "--yes")
    kept = custody(office).home.kept()
    again = office.done("key", "rotate-root", *all_of_them, "--yes")

    assert "2 root keys given, 3 needed" in refused
    assert (pinned(office).version, len(pinned(office).mldsa.keys)) == (3, 3)
    assert "a key on each of 3 media" in again
    assert custody(office).home.kept() == kept
    require_followed(office, [*pins, pinned(office)])


def test_root_keys_forged_in_ed25519_alone_make_no_root(office):
    """Who has the real Ed25519 keys, as a quantum computer would give them, and no ML-DSA-44 key."""
    office.done("publish")
    keys, pin, public = custody(office), pinned(office), office.folder / "public"
    signers = [open_root(medium) for medium in media_of(office, "root-0", "root-1", "root-2")]
    online = sorted(newest_link(keys).publication)
    forgeries = [
        write_root_metadata(following(pin), online, signers, now=present()),
        write_root_metadata(replace(following(pin), mldsa=None), online, signers, now=present()),
    ]

    for number, forged in enumerate(forgeries):
        with pytest.raises(UnsoundMetadata, match="ML-DSA-44"):
            keys.home.keep(TrustFiles(root=forged))
        (public / "tuf" / "2.root.json").write_bytes(forged)
        with pytest.raises(DistributionRefused, match="threshold_not_met"):
            trusted_root(pin, public)
        told = updated(FolderSource(public), pin, Kept(office.folder / f"kept-{number}"), now=present())
        assert (told.refused.reason, told.refused.about) == ("threshold_not_met", "tuf/2.root.json")
        # Who can not verify by such keys is as badly off as before there were any.
        client = TufClient.at(public, office.folder / f"client-{number}")
        client.files(public)
        assert (client.memory / "root_history" / "2.root.json").read_bytes() == forged

    good = write_root_metadata(following(pin), online, signers, mldsa_signers(signers, pin), now=present())
    keys.home.keep(TrustFiles(root=good))
    assert keys.root.version == 2


def test_a_medium_without_its_second_key_signs_the_trust_bundle_and_no_root(office):
    for path in (office.folder / "media" / "root-0").glob("root-mldsa44-*"):
        path.unlink()

    said = office.refused("key", "rotate-publication", *office.media(2), "--yes")

    assert "holds 0 root-mldsa44 keys" in said
    office.done("key", "open-epoch", *office.media(2), "--ahead")
    office.done("key", "rotate-publication", *on(office, "--medium", "root-1", "root-2"), "--yes")
    # Who lost it makes room for another, or for himself with a new medium.
    lost = next(iter(pinned(office).verifiers)).hex()
    others = on(office, "--medium", "root-1", "root-2")
    office.done("key", "rotate-root", *others, *new(office, "new-0"), "--leaving", lost, "--yes")
    assert len(pinned(office).mldsa.keys) == 3


def test_second_keys_of_holders_from_before_take_the_passphrase_of_their_root_key(
    founded_before, monkeypatch
):
    office = founded_before
    for place in range(3):
        resealed(office, f"root-{place}", f"pass {place}")
    monkeypatch.setattr("registry.operator.media.Passphrase", QuickPassphrase)
    typed = "pass 0\npass 1\npass 2\n"

    said = office.done("key", "rotate-root", *office.media(3), "--passphrase", "--yes", input=typed)

    assert "a key on each of 3 media" in said
    for place in range(3):
        medium = RootMedium(office.folder / "media" / f"root-{place}", QuickPassphrase(f"pass {place}"))
        assert open_root(medium).mldsa().public in pinned(office).mldsa.of_holder.values()


def resealed(office, name, passphrase):
    """Seal the root key on a medium by a passphrase, which is quick."""
    identity = custody(office).identity
    (path,) = (office.folder / "media" / name).glob("root-*.age")
    path.write_bytes(QuickPassphrase(passphrase).seal(identity.unseal(path.read_bytes(), path=path)))


def test_a_founding_without_the_library_is_refused_before_any_key_is_made(empty_office, monkeypatch):
    monkeypatch.setattr(mldsa, "HAS_MLDSA", False)
    mldsa.admit.cache_clear()
    empty_office.done("init")
    try:
        said = empty_office.refused("key", "found", *empty_office.media(), *empty_office.custodians())
    finally:
        mldsa.admit.cache_clear()

    assert "has no ML-DSA-44" in said
    assert not (empty_office.folder / "trusted-root.json").exists()
    assert not (empty_office.folder / "media").exists()
