"""From the pinned root to the newest: who may follow whom."""

from dataclasses import replace

import pytest
from tuf.api.metadata import Metadata, Role

from keys.distribution.metadata import root_metadata
from keys.distribution.offline import write_root_metadata
from keys.distribution.root_chain import read_chain
from keys.distribution.signatures import sign
from keys.errors import UnsoundMetadata
from tests.keys.distribution.repository import NOW, new_signer, new_signers, root_of

ROOTS, OTHERS, PUBLICATION = new_signers(3), new_signers(3), new_signer()
PINNED = root_of(ROOTS)


def root_file(version, keys, signers, publication=PUBLICATION):
    return write_root_metadata(root_of(keys, version), [publication.public], signers, now=NOW)


FIRST = root_file(1, ROOTS, ROOTS[:2])
SECOND = root_file(2, OTHERS, [*ROOTS[:2], *OTHERS[1:]])


def test_without_metadata_there_is_no_chain():
    assert read_chain(PINNED, ()) == ()


def test_each_root_is_signed_by_the_one_before_and_by_itself():
    third = root_file(3, [*OTHERS[:2], ROOTS[0]], [*OTHERS[:2]])
    chain = read_chain(PINNED, (FIRST, SECOND, third))

    assert [(link.root.version, link.root.threshold) for link in chain] == [(1, 2), (2, 2), (3, 2)]
    assert [set(link.root.keys) for link in chain] == [
        {signer.public for signer in keys} for keys in (ROOTS, OTHERS, [*OTHERS[:2], ROOTS[0]])
    ]
    assert [link.publication for link in chain] == [{PUBLICATION.public}] * 3


def test_a_later_pin_begins_where_it_is():
    chain = read_chain(root_of(OTHERS, 2), (SECOND,))

    assert [link.root.version for link in chain] == [2]


def changed(change, signers=ROOTS):
    """Return a first root with its content changed, signed anew."""
    metadata = root_metadata(PINNED, [PUBLICATION.public], now=NOW)
    change(metadata.signed)
    return sign(metadata, signers)


def other_targets(signed):
    signed.roles["targets"] = Role(signed.roles["snapshot"].keyids, 1)


def lower_threshold(signed):
    signed.roles["root"].threshold = signed.roles["targets"].threshold = 1


def online_root(signed):
    signed.roles["timestamp"] = signed.roles["snapshot"] = Role(signed.roles["root"].keyids[:1], 1)


def two_online(signed):
    signed.roles["timestamp"] = Role(signed.roles["root"].keyids[:1], 1)


def rsa_key(signed):
    signed.keys[signed.roles["root"].keyids[0]].keytype = "rsa"


REFUSED = {
    "signed by one": (root_file(1, ROOTS, ROOTS[:1]),),
    "signed by strangers": (root_file(1, ROOTS, OTHERS),),
    "other keys than the pinned ones": (root_file(1, OTHERS, OTHERS),),
    "one key exchanged": (root_file(1, [*ROOTS[:2], OTHERS[0]], ROOTS),),
    "not the pinned version": (root_file(2, ROOTS, ROOTS),),
    "the second without the old": (FIRST, root_file(2, OTHERS, OTHERS)),
    "the second with one of the old": (FIRST, root_file(2, OTHERS, [ROOTS[0], *OTHERS])),
    "the second without the new": (FIRST, root_file(2, OTHERS, ROOTS)),
    "the second with one of the new": (FIRST, root_file(2, OTHERS, [*ROOTS, OTHERS[0]])),
    "the second again": (FIRST, SECOND, SECOND),
    "a version left out": (FIRST, root_file(3, OTHERS, [*ROOTS, *OTHERS])),
    "targets not the root keys'": (changed(other_targets),),
    "a lower threshold": (changed(lower_threshold),),
    "a root key that publishes": (changed(online_root),),
    "two kinds of online keys": (changed(two_online),),
    "no consistent snapshots": (changed(lambda signed: setattr(signed, "consistent_snapshot", False)),),
    "an RSA key": (changed(rsa_key, ROOTS),),
    "another environment": (
        write_root_metadata(replace(PINNED, environment="prod"), [PUBLICATION.public], ROOTS, now=NOW),
    ),
    "no environment": (changed(lambda signed: signed.unrecognized_fields.clear()),),
    "not JSON": (b"{",),
    "another role": (FIRST.replace(b'"_type":"root"', b'"_type":"timestamp"'),),
    "nothing": (b"",),
}


@pytest.mark.parametrize("files", REFUSED.values(), ids=REFUSED.keys())
def test_a_root_that_does_not_follow_is_refused(files):
    with pytest.raises(UnsoundMetadata):
        read_chain(PINNED, files)


def test_the_order_of_signatures_does_not_matter_and_strangers_are_ignored():
    stranger = new_signer()
    metadata = Metadata.from_bytes(root_file(1, ROOTS, [stranger, ROOTS[2], ROOTS[0]]))
    metadata.signatures = dict(reversed(metadata.signatures.items()))

    (link,) = read_chain(PINNED, (metadata.to_bytes(),))

    assert set(link.root.keys) == set(PINNED.keys)
