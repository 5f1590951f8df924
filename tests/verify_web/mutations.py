"""Random changes to tokens and public files, from a seed: some to raw bytes, some signed anew."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from signing import cbor
from signing.cose import Kind
from signing.errors import Malformed
from tests.vectors import world
from tests.vectors.logs import MLDSA, MLDSA44, NO_SPACES, SPACES, THIRD, log, witness
from tests.vectors.logs import TWO as TWO_WITNESSES
from tests.vectors.variants import add_logs, edited

# Heads and items on both sides of every rule of the grammar: shortest forms, bounds of 2^53, tags,
# floats, indefinite lengths, simple values, texts that are no UTF-8.
PIECES = [bytes.fromhex(piece) for piece in (
    "00", "01", "02", "03", "04", "17", "1800", "1817", "1818", "18ff", "190000", "1900ff", "190100",
    "19ffff", "1a0000ffff", "1a00010000", "1affffffff", "1b00000000ffffffff", "1b0000000100000000",
    "1b001fffffffffffff", "1b0020000000000000", "1bffffffffffffffff", "20", "37", "3818",
    "3b001ffffffffffffe", "3b001fffffffffffff", "40", "4100", "420000", "5800", "58ff", "5f", "60", "6141",
    "61ff", "62c3a4", "63eda080", "63efbbbf", "64f0908080", "7800", "7f", "80", "81", "8180", "89", "97",
    "98", "9818", "9f", "a0", "a1", "a10000", "a2", "bf", "c0", "d2", "d280", "d818", "d9d9f7",
    "f4", "f5", "f6",
    "f7", "f800", "f820", "f90000", "fa00000000", "fb0000000000000000", "ff",
)]  # fmt: skip

VALUES: list[Any] = [
    0, 1, 2, 3, 4, 23, 24, 255, 256, 4094, 4095, 4096, 65535, 65536, 9999999, 10000000, 4294967295,
    4294967296, 2**53 - 1, -1, -(2**53 - 1), 203, 205, 206, 201, 202, 20_000, 30_000, 30_001, 40_100,
    b"", b"\x01", b"\x01\x02", bytes(16), bytes(17),
    "", "张", "A" * 168, "A" * 169, "𬭸" * 42, "é" * 84, "\ufeff", "\x00",
    True, False, None, [], [1], [1, 1], [0, 0], [255, 9999999], {}, {1: 1},
]  # fmt: skip

AGES = [timedelta(seconds=seconds) for seconds in (
    0, 1, -1, 599, 600, 601, -599, -600, -601, 86_399, 86_400, 86_401, 604_799, 604_800,
    2_591_999, 2_592_000, 2_592_001, 8_639_999, 8_640_000,
)]  # fmt: skip


def moment(random: Random) -> datetime:
    """Return an instant near an edge of the table of formats.md §8."""
    return world.NOW - world.HOUR + random.choice(AGES)


def changed_bytes(random: Random, data: bytes) -> bytes:
    """Return the bytes with one to three changes."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = _changed_once(random, data)
    return data


def _changed_once(random: Random, data: bytes) -> bytes:
    at, piece = random.randrange(len(data) + 1), random.choice(PIECES)
    end = min(len(data), at + random.choice((0, 1, 1, 2, 4)))
    return random.choice((
        data[:at] + piece + data[at:],
        data[:at] + piece + data[end:],
        data[:at] + data[end:],
        data[:at] + data[at:end] * 2 + data[end:],
        data[:at],
        data + random.randbytes(1),
        data[:at] + random.randbytes(end - at) + data[end:],
        data[: at - 1] + bytes((data[at - 1] ^ 1 << random.randrange(8),)) + data[at:] if at else data[1:],
    ))  # fmt: skip


def tokens(random: Random, count: int) -> Iterator[bytes]:
    """Yield changed tokens: a third as bytes, the rest with changed bytes or values and signed anew."""
    bases = list(world.BASE_TOKENS.values())
    keys = [world.ISSUING] * 6 + [world.RETIRED, world.DISTRUSTED, world.STATUS, world.REPORT, world.STRANGER]
    for number in range(count):
        if number % 3 == 0:
            yield changed_bytes(random, random.choice(bases))
        elif number % 3 == 1:
            payload = changed_bytes(random, world.statement(random.choice((100, 203, 206))).to_bytes())
            yield world.token(payload, random.choice(keys))
        else:
            yield world.token(changed_values(random, world.statement().to_bytes()), random.choice(keys))


def changed_values(random: Random, payload: bytes) -> bytes:
    """Return a payload, array or map, with one to three of its values replaced; lawful as CBOR."""
    content: Any = cbor.decode(payload)
    for _ in range(random.choice((1, 1, 2, 3))):
        place = random.choice(list(content) if isinstance(content, dict) else range(len(content)))
        if isinstance(content[place], list) and content[place] and random.random() < 0.7:
            inner = random.choice(content[place])
            if isinstance(inner, list) and inner:
                inner[random.randrange(len(inner))] = random.choice(VALUES)
            else:
                content[place][random.randrange(len(content[place]))] = random.choice(VALUES)
        else:
            content[place] = random.choice(VALUES)
    try:
        return cbor.encode(content)
    except Malformed:
        return payload


def status_files(random: Random, count: int) -> Iterator[bytes]:
    """Yield changed status files, two in three signed anew."""
    payload = world.status().to_payload()
    whole = world.STATUS.sign1(payload, Kind.STATUS)
    for number in range(count):
        if number % 3 == 0:
            yield changed_bytes(random, whole)
        else:
            change = changed_bytes if number % 3 == 1 else changed_values
            yield world.STATUS.sign1(change(random, payload), Kind.STATUS)


def small_keys_payload() -> bytes:
    """Return a payload of ``trust/keys`` with two keys, so that reading many variants takes little time."""
    every = world.trust_keys()
    kept = {key.key_id: every.keys[key.key_id] for key in (world.ISSUING, world.STATUS)}
    return world.trust_keys(keys=kept, profiles={1: world.DTE}, tombstones={}, honest={}).to_payload()


def changed_log(random: Random) -> Any:
    """Return a log of a trust bundle with one part, at any depth, replaced by a value or by another of its leaves."""
    # Three witnesses, so that one may go wrong, and keys that no other part has.
    whole = log(witnesses=[*TWO_WITNESSES, witness("third.example", [MLDSA44, MLDSA[0]])], quorum=2)
    parts = list(_places(whole))
    holder, place = random.choice(parts)
    other, at = random.choice(parts)
    if isinstance(holder[place], str | bytes) and random.random() < 0.7:
        # Names of any characters, and keys of any bytes: of a few the grammar has nothing to say.
        holder[place] = random.choice(
            (random.choice(SPACES + NO_SPACES), random.randbytes(32), MLDSA[1], THIRD)
        )
    else:
        other_leaf = None if isinstance(other[at], list) else other[at]
        holder[place] = random.choice((random.choice(VALUES), other_leaf))
    return whole


def _places(value: Any) -> Iterator[tuple[list[Any], int]]:
    """Yield every place of an item in nested lists."""
    for place, item in enumerate(value):
        yield value, place
        if isinstance(item, list):
            yield from _places(item)


def keys_files(random: Random, count: int) -> Iterator[bytes]:
    """Yield changed ``trust/keys``, two in three signed anew by two roots; every other one names logs."""
    payloads = [small_keys_payload(), edited(small_keys_payload(), add_logs(log(), log("log.example/old")))]
    for number in range(count):
        payload = payloads[number % 2]
        whole = world.signed_file(payload, *world.ROOTS[:2])
        if number % 3 == 0:
            yield changed_bytes(random, whole)
        else:
            change = changed_bytes if number % 3 == 1 else changed_values
            yield world.signed_file(change(random, payload), *world.ROOTS[:2])
