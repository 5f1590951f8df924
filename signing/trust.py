"""The trust bundle: which keys may sign what, and what the codes mean (formats.md §6).

``trust/keys`` decides verdicts; ``trust/names`` only gives names to codes. The exact bytes of both are read
and written here; ``root`` checks that root keys signed the one, ``custody`` that custodians signed the other.
Not checked here: that a version is not older than one seen before, which is the duty of whoever keeps the
files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from signing import cbor, cose, ed25519, shape
from signing.cbor import Value
from signing.cose import KEY_ID_SIZE, Kind
from signing.custody import CUSTODIAN, open_custodian_file
from signing.ed25519 import PublicKey
from signing.errors import Malformed, UnknownKey, WrongEnvironment
from signing.log.checkpoint import LogPolicy
from signing.number import Profile
from signing.root import Root, open_signed_file

FORMAT: Final = 1
SALT_SIZE: Final = 16
HONEST_DIGEST_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key of the trust bundle, admitted when the entry is made (``InadmissibleKey`` if it can not be).

    ``kind`` is a ``cose.Kind``, ``custodian``, or one that a later version brings. Entries and last day bind
    keys of kind ``certificate``; other keys have 0, 0. ``retired`` keys keep verifying.
    """

    kind: str
    public: bytes
    first_entry: int
    last_entry: int
    last_on: date
    retired: bool = False
    key_id: bytes = field(init=False)
    verifier: PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the key id and admit the key, once."""
        object.__setattr__(self, "key_id", cose.key_id(self.public))
        object.__setattr__(self, "verifier", ed25519.admit(self.public))

    def to_value(self) -> Value:
        """Return the entry as an item of ``trust-keys``."""
        return [
            self.key_id, str(self.kind), cose.ALG_ED25519, self.public,
            shape.integer(self.first_entry), shape.integer(self.last_entry),
            shape.days(self.last_on), shape.truth(self.retired),
        ]  # fmt: skip

    @classmethod
    def from_value(cls, value: Value) -> "KeyEntry":
        """Read an item of ``trust-keys``; ``Malformed`` also if the key id is not that of the key."""
        key_id, kind, alg, public, first_entry, last_entry, last_on, retired = shape.array(value, 8, 8)
        if shape.integer(alg, -cbor.MAX_INTEGER) != cose.ALG_ED25519:
            raise Malformed("key of another algorithm")
        entry = cls(
            kind=shape.text(kind),
            public=shape.octets(public, 32),
            first_entry=shape.integer(first_entry),
            last_entry=shape.integer(last_entry),
            last_on=shape.day(last_on),
            retired=shape.truth(retired),
        )
        if key_id != entry.key_id:
            raise Malformed("key id is not the key's thumbprint")
        return entry


@dataclass(frozen=True, slots=True)
class TrustKeys:
    """The payload of ``trust/keys``. Instants are aware, in UTC, of whole seconds.

    ``profiles`` are by code, ``tombstones`` (when a key was distrusted) and ``honest`` (16-byte digests of
    the tokens that a distrusted key still vouches for) by key id. A key that is distrusted stays in
    ``keys``. ``logs`` are the public logs, the one that grows last; earlier ones are closed.
    """

    environment: str
    version: int
    made_at: datetime
    expires_at: datetime
    salt: bytes
    keys: Mapping[bytes, KeyEntry]
    profiles: Mapping[int, Profile]
    tombstones: Mapping[bytes, datetime]
    honest: Mapping[bytes, frozenset[bytes]]
    logs: tuple[LogPolicy, ...] = ()

    def key(self, key_id: bytes) -> KeyEntry:
        """Return the entry of a key, or raise ``UnknownKey``."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise UnknownKey(key_id) from None

    @property
    def custodians(self) -> Mapping[bytes, PublicKey]:
        """The custodian keys in good standing by key id: neither retired nor distrusted."""
        return {
            key_id: key.verifier
            for key_id, key in self.keys.items()
            if key.kind == CUSTODIAN and not key.retired and key_id not in self.tombstones
        }

    def to_payload(self) -> bytes:
        """Return the bytes that root keys sign."""
        logs: dict[int, Value] = {11: [log.to_value() for log in _distinct(self.logs)]} if self.logs else {}
        return cbor.encode({
            1: FORMAT,
            2: shape.environment(self.environment),
            3: shape.integer(self.version),
            4: shape.seconds(self.made_at),
            5: shape.seconds(self.expires_at),
            6: shape.octets(self.salt, SALT_SIZE),
            7: [self.keys[key_id].to_value() for key_id in sorted(self.keys)],
            8: [self.profiles[code].to_value() for code in sorted(self.profiles)],
            9: [[key_id, shape.seconds(at)] for key_id, at in sorted(self.tombstones.items())],
            10: [[key_id, b"".join(sorted(self.honest[key_id]))] for key_id in sorted(self.honest)],
            **logs,
        })  # fmt: skip

    @classmethod
    def from_payload(cls, payload: bytes) -> "TrustKeys":
        """Read a payload; ``Malformed`` or ``InadmissibleKey`` unless ``to_payload`` would write it."""
        items = shape.fields_and_perhaps(cbor.decode(payload), range(1, 11), 11)
        shape.integer(items[1], FORMAT, FORMAT)
        keys = [KeyEntry.from_value(item) for item in shape.array(items[7])]
        profiles = [Profile.from_value(item) for item in shape.array(items[8])]
        tombstones = [_read_tombstone(item) for item in shape.array(items[9])]
        honest = [_read_honest(item) for item in shape.array(items[10])]
        shape.ascending(key.key_id for key in keys)
        shape.ascending(profile.code for profile in profiles)
        shape.ascending(key_id for key_id, _ in tombstones)
        shape.ascending(key_id for key_id, _ in honest)
        logs = map(LogPolicy.from_value, shape.array(items[11], 1) if 11 in items else [])
        return cls(
            environment=shape.environment(items[2]),
            version=shape.integer(items[3]),
            made_at=shape.instant(items[4]),
            expires_at=shape.instant(items[5]),
            salt=shape.octets(items[6], SALT_SIZE),
            keys={key.key_id: key for key in keys},
            profiles={profile.code: profile for profile in profiles},
            tombstones=dict(tombstones),
            honest=dict(honest),
            logs=_distinct(tuple(logs)),
        )


@dataclass(frozen=True, slots=True)
class TrustNames:
    """The payload of ``trust/names``.

    ``issuers`` by (profile code, issuer key), ``occupations`` by (edition, code), ``directions`` by code.
    """

    environment: str
    version: int
    made_at: datetime
    issuers: Mapping[tuple[int, str], str]
    occupations: Mapping[tuple[int, int], str]
    directions: Mapping[int, str]

    def to_payload(self) -> bytes:
        """Return the bytes that custodians sign."""
        issuers = sorted(self.issuers.items(), key=lambda item: (item[0][0], shape.utf8(item[0][1])))
        occupations = sorted(self.occupations.items())
        return cbor.encode({
            1: FORMAT,
            2: shape.environment(self.environment),
            3: shape.integer(self.version),
            4: shape.seconds(self.made_at),
            6: [[profile, issuer, shape.text(name)] for (profile, issuer), name in issuers],
            7: [[edition, code, shape.text(name)] for (edition, code), name in occupations],
            8: [[direction, shape.text(name)] for direction, name in sorted(self.directions.items())],
        })  # fmt: skip

    @classmethod
    def from_payload(cls, payload: bytes) -> "TrustNames":
        """Read a payload; ``Malformed`` unless ``to_payload`` would write it."""
        items = shape.fields(cbor.decode(payload), (1, 2, 3, 4, 6, 7, 8))
        shape.integer(items[1], FORMAT, FORMAT)
        issuers = [_read_issuer(item) for item in shape.array(items[6])]
        occupations = [_read_occupation(item) for item in shape.array(items[7])]
        directions = [_read_direction(item) for item in shape.array(items[8])]
        shape.ascending((profile, shape.utf8(issuer)) for (profile, issuer), _ in issuers)
        shape.ascending(occupation for occupation, _ in occupations)
        shape.ascending(direction for direction, _ in directions)
        return cls(
            environment=shape.environment(items[2]),
            version=shape.integer(items[3]),
            made_at=shape.instant(items[4]),
            issuers=dict(issuers),
            occupations=dict(occupations),
            directions=dict(directions),
        )


def open_trust_keys(data: bytes, root: Root) -> TrustKeys:
    """Return ``trust/keys`` if the pinned root signed it for its environment.

    Raises ``FormatError``, ``InadmissibleKey``, ``NotSignedByRoot`` or ``WrongEnvironment``. Expiry is not
    asked here.
    """
    trust = TrustKeys.from_payload(open_signed_file(data, root, Kind.TRUST_KEYS))
    if trust.environment != root.environment:
        raise WrongEnvironment(found=trust.environment, expected=root.environment)
    return trust


def open_trust_names(data: bytes, trust: TrustKeys) -> TrustNames:
    """Return ``trust/names`` if the custodians of ``trust/keys`` signed it for its environment.

    Raises ``FormatError``, ``NotSignedByCustodians`` or ``WrongEnvironment``.
    """
    names = TrustNames.from_payload(open_custodian_file(data, trust, Kind.TRUST_NAMES))
    if names.environment != trust.environment:
        raise WrongEnvironment(found=names.environment, expected=trust.environment)
    return names


def _distinct(logs: tuple[LogPolicy, ...]) -> tuple[LogPolicy, ...]:
    """Require logs of different origins, by which a checkpoint finds its own."""
    if len({log.origin for log in logs}) != len(logs):
        raise Malformed("two logs of one origin")
    return logs


def _read_tombstone(value: Value) -> tuple[bytes, datetime]:
    key_id, distrusted_at = shape.array(value, 2, 2)
    return shape.octets(key_id, KEY_ID_SIZE), shape.instant(distrusted_at)


def _read_honest(value: Value) -> tuple[bytes, frozenset[bytes]]:
    key_id, joined = shape.array(value, 2, 2)
    content = shape.content(joined)
    if len(content) % HONEST_DIGEST_SIZE:
        raise Malformed("honest list is not whole digests")
    places = range(0, len(content), HONEST_DIGEST_SIZE)
    digests = [content[at : at + HONEST_DIGEST_SIZE] for at in places]
    shape.ascending(digests)
    return shape.octets(key_id, KEY_ID_SIZE), frozenset(digests)


def _read_issuer(value: Value) -> tuple[tuple[int, str], str]:
    profile, issuer, name = shape.array(value, 3, 3)
    return (shape.integer(profile), shape.text(issuer)), shape.text(name)


def _read_occupation(value: Value) -> tuple[tuple[int, int], str]:
    edition, code, name = shape.array(value, 3, 3)
    return (shape.integer(edition), shape.integer(code)), shape.text(name)


def _read_direction(value: Value) -> tuple[int, str]:
    direction, name = shape.array(value, 2, 2)
    return shape.integer(direction), shape.text(name)
