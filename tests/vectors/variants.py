"""Variants of the two public files that decide a verdict: lawful ones, and the ways to be refused."""

from collections.abc import Callable
from typing import Any

from signing import cbor
from signing.cbor_head import ARRAY, head
from signing.cose import Kind, key_id
from signing.entry_set import to_values
from tests.vectors.entry_sets import REFUSED as REFUSED_SETS
from tests.vectors.entry_sets import packed
from tests.vectors.logs import LAWFUL_LOGS, REFUSED_LOGS
from tests.vectors.world import (
    BASE_TOKENS,
    CUSTODIANS,
    DAY,
    ENV,
    HOUR,
    ISSUING,
    LOST_CUSTODIAN,
    NOW,
    OLD_STATUS,
    OTHER_STRANGER,
    RETIRED_CUSTODIAN,
    ROOTS,
    SALT,
    SECOND,
    STATUS,
    STRANGER,
    SeedKey,
    signed_file,
    status,
    trust_keys,
    trust_names,
)  # fmt: skip

TWO = ROOTS[:2]
FIRST, _, THIRD = ROOTS


def edited(payload: bytes, edit: Callable[[Any], Any]) -> bytes:
    """Return a payload with its decoded content changed; nothing asks whether it is still lawful."""
    content: Any = cbor.decode(payload)
    edit(content)
    return cbor.encode(content)


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return the bytes with exactly one place changed."""
    if data.count(old) != 1:
        raise ValueError(f"{old.hex()} is not in exactly one place")
    return data.replace(old, new)


def last_bit_flipped(data: bytes) -> bytes:
    """Return the bytes with their last bit changed."""
    return data[:-1] + bytes((data[-1] ^ 1,))


def with_signatures(payload: bytes, *signatures: bytes) -> bytes:
    """Return a signed file with signatures of any form and number."""
    return b"\x82" + cbor.byte_string(payload) + head(ARRAY, len(signatures)) + b"".join(signatures)


def keys_files() -> dict[str, bytes]:
    """Return the variants of ``trust/keys``."""
    now = trust_keys().to_payload()
    first, second, third = (key.detached(now, Kind.TRUST_KEYS).to_bytes() for key in ROOTS)
    lawful = {
        "current": signed_file(now, *TWO),
        "all three": signed_file(now, *ROOTS),
        "two of the root and a stranger": signed_file(now, STRANGER, THIRD, FIRST),
        "two of the root and one that does not hold": with_signatures(
            now, first, last_bit_flipped(third), second
        ),
        "version 8": signed_file(trust_keys(version=8).to_payload(), *TWO),
        "expires in a second": signed_file(trust_keys(expires_at=NOW + SECOND).to_payload(), *TWO),
        "expires now": signed_file(trust_keys(expires_at=NOW).to_payload(), *TWO),
        "says prod": signed_file(trust_keys(environment="prod").to_payload(), *TWO),
        "for prod": signed_file(trust_keys(environment="prod").to_payload(), *TWO, env="prod"),
    } | {
        f"with {name}": signed_file(edited(now, add_logs(*policies)), *TWO)
        for name, policies in LAWFUL_LOGS.items()
    }
    refused = unsigned_keys_files(now, first, third) | unlawful_keys_files(now)
    return lawful | {f"refused: {name}": data for name, data in refused.items()}


def names_files() -> dict[str, bytes]:
    """Return the variants of ``trust/names``; they are judged by the trust keys ``current``."""
    now = trust_names().to_payload()
    first, second, third = CUSTODIANS

    def signed(*keys: SeedKey, payload: bytes = now, env: str = ENV, kind: Kind = Kind.TRUST_NAMES) -> bytes:
        return signed_file(payload, *keys, env=env, kind=kind)

    lawful = {
        "current": signed(first, second),
        "all three": signed(*CUSTODIANS),
        "two custodians and a stranger": signed(STRANGER, third, first),
        "two custodians and one that does not hold": with_signatures(
            now,
            first.detached(now, Kind.TRUST_NAMES).to_bytes(),
            last_bit_flipped(second.detached(now, Kind.TRUST_NAMES).to_bytes()),
            third.detached(now, Kind.TRUST_NAMES).to_bytes(),
        ),
    }
    refused = {
        "one custodian": signed(first),
        "one custodian twice": signed(first, first),
        "one custodian and a stranger": signed(first, STRANGER),
        "one custodian and a retired one": signed(first, RETIRED_CUSTODIAN),
        "one custodian and a distrusted one": signed(first, LOST_CUSTODIAN),
        "one custodian and an issuing key": signed(first, ISSUING),
        "one custodian and a status key": signed(first, STATUS),
        "two root keys": signed(*TWO),
        "a root key and a custodian": signed(FIRST, first),
        "signed as trust keys": signed(first, second, kind=Kind.TRUST_KEYS),
        "signed as a status": signed(first, second, kind=Kind.STATUS),
        "signed for prod": signed(first, second, env="prod"),
        "of prod, signed for demo": signed(
            first, second, payload=trust_names(environment="prod").to_payload()
        ),
        "another payload under the signatures": replaced(
            signed(first, second), now, trust_names(version=4).to_payload()
        ),
        "trust keys instead": signed(first, second, payload=trust_keys().to_payload()),
    }
    return lawful | {f"refused: {name}": data for name, data in refused.items()}


def unsigned_keys_files(now: bytes, first: bytes, third: bytes) -> dict[str, bytes]:
    """Return files whose signatures are too few or not in our form; the payload is good."""
    current = signed_file(now, *TWO)
    return {
        "one signature": signed_file(now, FIRST),
        "one root key twice": signed_file(now, FIRST, FIRST),
        "one of the root and two strangers": signed_file(now, FIRST, STRANGER, OTHER_STRANGER),
        "strangers": signed_file(now, STRANGER, OTHER_STRANGER),
        "one of the root and one that does not hold": with_signatures(now, first, last_bit_flipped(third)),
        "signed as names": signed_file(now, *TWO, kind=Kind.TRUST_NAMES),
        "signed for prod": signed_file(now, *TWO, env="prod"),
        "payload changed after signing": replaced(current, b"dte-22", b"dte-23"),
        "empty": b"",
        "a byte more": current + b"\x00",
        "a byte less": current[:-1],
        "no signature": with_signatures(now),
        "seventeen signatures": with_signatures(now, *[first] * 17),
        "a third signature with payload": with_signatures(
            now, first, FIRST.sign1(now, Kind.TRUST_KEYS), third
        ),
        "a third signature untagged": with_signatures(now, first, third, first[1:]),
        "a third signature of 63 bytes": with_signatures(
            now, first, third, replaced(first, b"\xf6\x58\x40", b"\xf6\x58\x3f")[:-1]
        ),
        "a token": next(iter(BASE_TOKENS.values())),
    }


def unlawful_keys_files(now: bytes) -> dict[str, bytes]:
    """Return files that two root keys signed, with a payload that our writer would never write."""

    def of(edit: Callable[[Any], Any]) -> bytes:
        return signed_file(edited(now, edit), *TWO)

    def entry(content: Any) -> Any:
        return next(item for item in content[7] if item[3] == ISSUING.public)

    def set_entry(place: int, value: Any) -> bytes:
        return of(lambda content: entry(content).__setitem__(place, value))

    return {
        "payload with a byte more": signed_file(now + b"\x00", *TWO),
        "payload that is no CBOR": signed_file(b"\xff", *TWO),
        "format 2": of(lambda content: content.update({1: 2})),
        "format not shortest": signed_file(replaced(now, b"\xaa\x01\x01\x02", b"\xaa\x01\x18\x01\x02"), *TWO),
        "an item more": of(lambda content: content.update({11: 0})),
        "an item 12 more": of(lambda content: content.update({12: 0})),
        "an item 12 instead of 10": of(lambda content: content.update({12: content.pop(10)})),
        "an item less": of(lambda content: content.pop(10)),
        "environment in capitals": of(lambda content: content.update({2: "DEMO"})),
        "version in text": of(lambda content: content.update({3: "7"})),
        "expires in the year 10000": of(lambda content: content.update({5: 253_402_300_800})),
        "salt of 15 bytes": of(lambda content: content.update({6: SALT[:15]})),
        "keys not ascending": of(lambda content: content[7].reverse()),
        "a key twice": of(lambda content: content[7].insert(0, content[7][0])),
        "profiles not ascending": of(lambda content: content[8].reverse()),
        "tombstones not ascending": of(lambda content: content[9].reverse()),
        "an honest list of 31 bytes": of(lambda content: content[10][0].__setitem__(1, bytes(31))),
        "an honest list not ascending": of(
            lambda content: content[10][0].__setitem__(1, b"\x01" * 16 + bytes(16))
        ),
        "an honest digest twice": of(lambda content: content[10][0].__setitem__(1, bytes(32))),
        "a key id not the thumbprint": of(lambda content: content[7][0].__setitem__(0, bytes(4))),
        "a public key of another": set_entry(3, STRANGER.public),
        "a public key of small order": of(put_small_order),
        "alg -8 of a key": set_entry(2, -8),
        "a key kind in bytes": set_entry(1, b"certificate"),
        "a key without retired": of(lambda content: entry(content).pop()),
        "retired 0": set_entry(7, 0),
        "a profile alphabet with a character twice": of(
            lambda content: content[8][0][5][0].__setitem__(2, "AA")
        ),
        "a field of width 0": of(lambda content: content[8][0][5][0].__setitem__(1, 0)),
        "a field of width 17": of(lambda content: content[8][0][5][0].__setitem__(1, 17)),
        "a profile without fields": of(lambda content: content[8][0].__setitem__(5, [])),
        "profile 0": of(lambda content: content[8][0].__setitem__(0, 0)),
        "a profile alphabet without characters": of(lambda content: content[8][0][5][0].__setitem__(2, "")),
        "a profile with two fields of one name": of(
            lambda content: content[8][0][5][1].__setitem__(0, content[8][0][5][0][0])
        ),
        "a profile whose issuer is no field": of(lambda content: content[8][0].__setitem__(3, [99])),
        "a profile whose level is no field": of(lambda content: content[8][0].__setitem__(4, 99)),
        "a profile with numbers of 12 bytes": of(
            lambda content: content[8][0][5].append(["more", 16, "0123456789ABCDEF"])
        ),
    } | {f"logs: {name}": of(add_logs(*policies)) for name, policies in REFUSED_LOGS.items()}


def add_logs(*policies: Any) -> Callable[[Any], Any]:
    """Return the edit that lets a payload name these logs, whatever they are."""
    return lambda content: content.update({11: list(policies)})


def put_small_order(content: Any) -> None:
    """Add a key of order 1, with its right thumbprint."""
    public = b"\x01" + bytes(31)
    content[7].append([key_id(public), "certificate", -19, public, 1, 2, 0, False])
    content[7].sort(key=lambda item: item[0])


NAME_FAULTS = {
    "format 2": lambda content: content.update({1: 2}),
    "an item more": lambda content: content.update({5: 0}),
    "an item less": lambda content: content.pop(8),
    "issuers not ascending": lambda content: content[6].reverse(),
    "an issuer twice": lambda content: content[6].append(content[6][-1]),
    "an issuer without name": lambda content: content[6][0].pop(),
    "a name in bytes": lambda content: content[6][0].__setitem__(2, b"a"),
    "an occupation twice": lambda content: content[7].append(content[7][-1]),
    "an occupation in text": lambda content: content[7][0].__setitem__(1, "2-02-10-11"),
    "a direction twice": lambda content: content[8].append(content[8][-1]),
    "a direction as text": lambda content: content[8][0].__setitem__(0, "3"),
}
"""What our writer would never write of ``trust/names``."""


def status_files() -> dict[str, bytes]:
    """Return the variants of the status file."""

    def made(**changed: Any) -> bytes:
        return STATUS.sign1(status(**changed).to_payload(), Kind.STATUS)

    none: frozenset[int] = frozenset()
    empty = {"voided": none, "unreleased": none, "revoked": none, "superseded": none, "suspended": none}
    lawful = {
        "current": made(),
        "a second under 24 hours": made(made_at=NOW - 24 * HOUR + SECOND),
        "24 hours": made(made_at=NOW - 24 * HOUR),
        "a second under 7 days": made(made_at=NOW - 7 * DAY + SECOND),
        "7 days": made(made_at=NOW - 7 * DAY),
        "30 days": made(made_at=NOW - 30 * DAY),
        "a second over 30 days": made(made_at=NOW - 30 * DAY - SECOND),
        "400 days": made(made_at=NOW - 400 * DAY),
        "10 minutes ahead": made(made_at=NOW + 600 * SECOND),
        "10 minutes and a second ahead": made(made_at=NOW + 601 * SECOND),
        "of trust keys 6": made(trust_keys_version=6),
        "of trust keys 8": made(trust_keys_version=8),
        "of trust keys 8, over 30 days": made(trust_keys_version=8, made_at=NOW - 30 * DAY - SECOND),
        "of trust keys 8, clock behind": made(trust_keys_version=8, made_at=NOW + 601 * SECOND),
        "of 99 entries": made(size=99, **empty | {"revoked": frozenset({1, 99})}),
        "of 100 entries": made(size=100, **empty),
        "of no entries": made(size=0, **empty),
    }
    refused = wrongly_signed_status_files() | unlawful_status_files()
    return lawful | {f"refused: {name}": data for name, data in refused.items()}


def wrongly_signed_status_files() -> dict[str, bytes]:
    """Return status files with a good payload in a bad envelope."""
    good = status().to_payload()
    file = STATUS.sign1(good, Kind.STATUS)
    return {
        "empty": b"",
        "a byte more": file + b"\x00",
        "a byte less": file[:-1],
        "untagged": file[1:],
        "signature changed": last_bit_flipped(file),
        "payload changed after signing": replaced(file, b"\x05\x19\xea\x60", b"\x05\x19\xea\x61"),
        "by an unknown key": STRANGER.sign1(good, Kind.STATUS),
        "by the issuing key": ISSUING.sign1(good, Kind.STATUS),
        "by a distrusted status key": OLD_STATUS.sign1(good, Kind.STATUS),
        "signed as a certificate": STATUS.sign1(good, Kind.CERTIFICATE),
        "signed for prod": STATUS.sign1(good, Kind.STATUS, "prod"),
        "payload detached": STATUS.detached(good, Kind.STATUS).to_bytes(),
        "a token": next(iter(BASE_TOKENS.values())),
    }


def unlawful_status_files() -> dict[str, bytes]:
    """Return status files that the status key signed, with a payload that our writer would never write."""
    good = status().to_payload()

    def signed(payload: bytes) -> bytes:
        return STATUS.sign1(payload, Kind.STATUS)

    def of(edit: Callable[[Any], Any]) -> bytes:
        return signed(edited(good, edit))

    def coded(entry: int) -> cbor.Value:
        return to_values([[entry]])[0]

    return {
        "says prod": signed(status(environment="prod").to_payload()),
        "payload with a byte more": signed(good + b"\x00"),
        "payload an array": signed(b"\x80"),
        "format 2": of(lambda content: content.update({1: 2})),
        "coding 1": of(lambda content: content.update({7: 1})),
        "coding 3": of(lambda content: content.update({7: 3})),
        "an item less": of(lambda content: content.pop(12)),
        "an item more": of(lambda content: content.update({13: b""})),
        "items not ascending": signed(replaced(good, b"\x06\x07\x07\x02", b"\x07\x02\x06\x07")),
        "an item twice": signed(replaced(good, b"\x06\x07\x07\x02", b"\x07\x02\x07\x02")),
        "size not shortest": signed(replaced(good, b"\x05\x19\xea\x60", b"\x05\x1a\x00\x00\xea\x60")),
        "made before 1970": of(lambda content: content.update({4: -1})),
        "N beyond every entry": of(lambda content: content.update({5: 4294967296})),
        "a set in text": of(lambda content: content.update({12: ""})),
        "a set in bytes": of(lambda content: content.update({12: b"\x3b\x34"})),
        "a set without count": of(lambda content: content.update({12: [b"\x3b\x34"]})),
        "a set with an item more": of(lambda content: content.update({12: [1, b"\x3b\x34", 0]})),
        "a set of less than no entries": of(lambda content: content.update({12: [-1, b""]})),
        "a set whose gaps are text": of(lambda content: content.update({12: [1, ";4"]})),
        "sets of too many entries together": of(
            lambda content: content.update({11: [8_388_600, b""], 12: [9, b""]})
        ),
        "an entry beyond the size": of(lambda content: content.update({12: coded(60_001)})),
        "an entry in two sets": of(lambda content: content.update({12: coded(203)})),
    } | {
        f"a set: {name}": of(lambda content, told=told: content.update({12: [told[0], packed(told[1])]}))
        for name, told in REFUSED_SETS.items()
    }
