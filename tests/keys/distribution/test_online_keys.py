"""Who holds every online key can not add, widen or revive an issuing key, nor touch trust/keys or the names.

All of it is tried against an ordinary client of the metadata, which has seen an honest publication before, and against
one that begins with the forged one.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, Role, TargetFile, Targets

from keys.distribution.metadata import (
    snapshot_metadata,
    status_metadata,
    targets_metadata,
    timestamp_metadata,
)
from keys.distribution.offline import write_names_metadata
from keys.distribution.roles import ENVIRONMENT as ENVIRONMENT_MEMBER
from keys.distribution.roles import KEYS_TARGET, NAMES_TARGET, TIMESTAMP_NAME, hashed_name, metadata_name
from keys.distribution.roles import Role as OurRole
from keys.distribution.signatures import metadata_key, sign
from keys.kept_trust import KEYS, NAMES, NAMES_METADATA, TARGETS_METADATA
from keys.signed_file import sign_payload
from keys.trust_changes import distrust, retire, with_epoch
from signing.cose import Kind
from signing.errors import NotSignedByRoot
from signing.root import SignedFile
from signing.trust import TrustNames, open_trust_keys
from tests.keys.distribution.repository import (
    NOW,
    STATUS,
    Repository,
    new_signer,
    status_file,
    write_all,
)
from tests.keys.small_register import ENVIRONMENT, LAST_ON
from tests.tuf_client import TARGETS, TufClient

VERSION = 1000


def forged_keys(repository: Repository, trust) -> bytes:
    """Return a trust/keys that only the online keys signed."""
    payload = replace(trust, version=trust.version + 1).to_payload()
    signatures = tuple(
        sign_payload(payload, Kind.TRUST_KEYS, environment=ENVIRONMENT, signer=signer)
        for signer in (repository.status, repository.publication)
    )
    return SignedFile(payload, signatures).to_bytes()


def added(repository):
    return with_epoch(repository.trust, new_signer().public, last_on=LAST_ON, entries=100, ahead=True)


def widened(repository):
    trust = repository.trust
    epoch = max(trust.keys.values(), key=lambda key: key.last_entry)
    return replace(trust, keys={**trust.keys, epoch.key_id: replace(epoch, last_entry=1_000_000)})


def revived(repository):
    trust = repository.trust
    return replace(
        trust,
        tombstones={},
        honest={},
        keys={key_id: replace(key, retired=False) for key_id, key in trust.keys.items()},
    )


class Thief:
    """Holds every online key and writes to the public tree as he likes."""

    def __init__(self, repository: Repository, public) -> None:
        self.repository = repository
        self.public = public
        self.online = [repository.status, repository.publication]
        self.files = {KEYS_TARGET: repository.files[KEYS], NAMES_TARGET: repository.files[NAMES]}
        self.files[STATUS] = status_file(repository.status, VERSION, repository.trust.version)
        self.targets = repository.files[TARGETS_METADATA]
        self.names = repository.files[NAMES_METADATA]
        self.status_targets = {STATUS: self.files[STATUS]}
        self.versions = {
            OurRole.TARGETS: repository.trust.version,
            OurRole.NAMES: repository.names.version,
            OurRole.STATUS: VERSION,
        }

    def publish(self) -> None:
        """Publish whatever he has, listed and signed by the keys he has."""
        status = sign(
            status_metadata(self.status_targets, version=VERSION, environment=ENVIRONMENT, now=NOW),
            self.online,
        )
        data = {OurRole.TARGETS: self.targets, OurRole.NAMES: self.names, OurRole.STATUS: status}
        listed = {role: (self.versions[role], content) for role, content in data.items()}
        heading = {"version": VERSION, "environment": ENVIRONMENT, "now": NOW}
        snapshot = sign(snapshot_metadata(listed, **heading), self.online)
        files = {metadata_name(role, self.versions[role]): content for role, content in data.items()}
        files[metadata_name(OurRole.SNAPSHOT, VERSION)] = snapshot
        files[TIMESTAMP_NAME] = sign(timestamp_metadata(snapshot, **heading), self.online)
        files |= self.files | {hashed_name(path, content): content for path, content in self.files.items()}
        write_all(self.public, files)


def forge_targets(thief, trust):
    """Sign trust/keys and its metadata with the online keys."""
    thief.files[KEYS_TARGET] = forged_keys(thief.repository, trust)
    version = trust.version + 1
    forged = targets_metadata(replace(trust, version=version), thief.files[KEYS_TARGET], now=NOW)
    thief.targets, thief.versions[OurRole.TARGETS] = sign(forged, thief.online), version


def replace_target(thief, trust):
    """Put other bytes under the target's name, with the offline metadata as it is."""
    forged = forged_keys(thief.repository, trust)
    genuine = thief.repository.files[KEYS]
    thief.files[KEYS_TARGET] = forged
    write_all(thief.public, {hashed_name(KEYS_TARGET, genuine): forged})


def list_in_status(thief, trust):
    """Let the status role answer for trust/keys."""
    thief.files[KEYS_TARGET] = forged_keys(thief.repository, trust)
    thief.status_targets = {STATUS: thief.files[STATUS], KEYS_TARGET: thief.files[KEYS_TARGET]}


def new_root(thief, trust):
    """Name other root keys, with the signatures of the online keys."""
    root = Metadata.from_bytes(thief.repository.files["tuf/1.root.json"])
    own = [metadata_key(signer.public) for signer in thief.online]
    root.signed.version = 2
    for key in own:
        root.signed.keys[key.keyid] = key
    for role in ("root", "targets"):
        root.signed.roles[role] = Role([key.keyid for key in own], 1)
    write_all(thief.public, {"tuf/2.root.json": sign(root, thief.online)})
    forge_targets(thief, trust)


WAYS = [forge_targets, replace_target, list_in_status, new_root]


@pytest.fixture(scope="module")
def founded():
    """A register with an epoch that was retired and distrusted, and one that is open."""
    repository = Repository()
    trust = repository.trust
    (epoch,) = (key for key in trust.keys.values() if key.kind == Kind.CERTIFICATE)
    gone = distrust(retire(trust, epoch.key_id), epoch.key_id, at=NOW, honest=[bytes(16)])
    repository.sign_keys(with_epoch(gone, new_signer().public, last_on=LAST_ON, entries=100), trust)
    return repository


@pytest.fixture
def honest(founded, public):
    """A public tree as it was published, and a client that has seen it."""
    founded.publish(public, VERSION - 1)
    client = TufClient.at(public, public.parent / "client")
    client.files(public)
    return client


def keys_as_found(client, public):
    """Return trust/keys as the client gets it, ``None`` if it refuses to go on."""
    try:
        updater = client.updater(public)
        info = updater.get_targetinfo(KEYS_TARGET)
        return None if info is None else Path(updater.download_target(info)).read_bytes()
    except (RepositoryError, DownloadError):
        return None


@pytest.mark.parametrize("change", [added, widened, revived])
def test_a_verifier_of_the_plain_copies_is_not_taken_in_either(founded, change):
    with pytest.raises(NotSignedByRoot):
        open_trust_keys(forged_keys(founded, change(founded)), founded.root)


@pytest.mark.parametrize("change", [added, widened, revived])
@pytest.mark.parametrize("way", WAYS)
def test_no_online_key_adds_widens_or_revives_an_issuing_key(founded, honest, public, way, change):
    thief = Thief(founded, public)
    way(thief, change(founded))
    thief.publish()

    for client in (honest, TufClient.at(public, public.parent / "new-client")):
        assert keys_as_found(client, public) in (None, founded.files[KEYS])


def test_the_thief_can_publish_at_all(founded, honest, public):
    Thief(founded, public).publish()

    files = honest.files(public)

    assert files[KEYS_TARGET] == founded.files[KEYS]
    assert files[STATUS] == status_file(founded.status, VERSION, founded.trust.version)


def forged_names(thief):
    payload = TrustNames(ENVIRONMENT, 2, NOW, {(1, "01"): "乙"}, {}, {}).to_payload()
    signatures = tuple(
        sign_payload(payload, Kind.TRUST_NAMES, environment=ENVIRONMENT, signer=signer)
        for signer in (*thief.online, thief.repository.custodians[0])
    )
    return SignedFile(payload, signatures).to_bytes()


def sign_names(thief):
    """Sign other names with the online keys and those of one custodian."""
    thief.files[NAMES_TARGET] = forged_names(thief)
    metadata = Targets(
        version=2,
        expires=NOW.replace(year=NOW.year + 1),
        targets={NAMES_TARGET: TargetFile.from_data(NAMES_TARGET, thief.files[NAMES_TARGET])},
        unrecognized_fields={ENVIRONMENT_MEMBER: ENVIRONMENT},
    )
    thief.names = sign(Metadata(metadata), [*thief.online, thief.repository.custodians[0]])
    thief.versions[OurRole.NAMES] = 2


def list_names_in_status(thief):
    """Let the status role answer for the names."""
    thief.files[NAMES_TARGET] = forged_names(thief)
    thief.status_targets = {STATUS: thief.files[STATUS], NAMES_TARGET: thief.files[NAMES_TARGET]}


@pytest.mark.parametrize("way", [sign_names, list_names_in_status])
def test_the_online_keys_and_one_custodian_do_not_change_a_name(founded, honest, public, way):
    thief = Thief(founded, public)
    way(thief)
    thief.publish()

    for client in (honest, TufClient.at(public, public.parent / "new-client")):
        try:
            updater = client.updater(public)
            info = updater.get_targetinfo(NAMES_TARGET)
            found = Path(updater.download_target(info)).read_bytes()
        except (RepositoryError, DownloadError):
            continue
        assert found == founded.files[NAMES]


def test_an_older_publication_is_not_taken_again(founded, honest, public, tmp_path):
    older = tmp_path / "older"
    founded.publish(older, VERSION - 2)

    with pytest.raises(RepositoryError):
        honest.files(older)


def test_a_delegation_of_the_status_role_gives_nobody_anything(founded, honest, public):
    thief = Thief(founded, public)
    mine = metadata_key(new_signer().public)
    thief.publish()
    name = metadata_name(OurRole.STATUS, VERSION)
    status = Metadata.from_bytes((public / name).read_bytes())
    role = DelegatedRole("names", [mine.keyid], 1, terminating=True, paths=["trust/*"])
    status.signed.delegations = Delegations({mine.keyid: mine}, {"names": role})
    forged = sign(status, thief.online)
    write_all(public, {name: forged})
    snapshot = Metadata.from_bytes((public / metadata_name(OurRole.SNAPSHOT, VERSION)).read_bytes())
    snapshot.signed.meta["status.json"] = MetaFile.from_data(VERSION, forged, ["sha256"])
    data = sign(snapshot, thief.online)
    stamp = timestamp_metadata(data, version=VERSION, environment=ENVIRONMENT, now=NOW)
    write_all(
        public,
        {metadata_name(OurRole.SNAPSHOT, VERSION): data, TIMESTAMP_NAME: sign(stamp, thief.online)},
    )

    files = honest.files(public)

    assert {path: files[path] for path in TARGETS[:2]} == {
        KEYS_TARGET: founded.files[KEYS],
        NAMES_TARGET: founded.files[NAMES],
    }


def test_names_metadata_needs_two_custodians(founded):
    targets = Metadata.from_bytes(founded.files[TARGETS_METADATA]).signed
    data = write_names_metadata(founded.files[NAMES], founded.trust, founded.custodians[:1], now=NOW)
    one = Metadata.from_bytes(data)

    with pytest.raises(RepositoryError):
        targets.verify_delegate("names", one.signed_bytes, one.signatures)
