"""Logs that ``trust/keys`` may name, and the ways to be refused, each as the item that would stand in the payload."""

import copy
from typing import Any

from tests.vectors.world import SeedKey

ORIGIN = "log.example/register"
LOG, OTHER_LOG = SeedKey("log").public, SeedKey("log, its next key").public
FIRST, SECOND, THIRD = (SeedKey(f"witness {place}").public for place in range(3))
MLDSA = [bytes((place,)) * 1312 for place in range(5)]
"""No keys that anybody has; every 1,312 bytes are one."""

LOG_ED25519, WITNESS_ED25519, MLDSA44 = 1, 4, 6
SMALL_ORDER = b"\x01" + bytes(31)
MIXED_ORDER = bytes.fromhex("cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d")
# What counts as a space, and what looks like one, differs between languages: each of these decides by itself.
SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u200a\u2028\u2029\u202f\u205f\u3000"
NO_SPACES = "\x7f\u200b\u180e\ufeff\u2060\u3164\u0080\u00ad.:/\\\u4e00\U0001f332"


# Two keys of ML-DSA-44 whose ids under the name w.example are one: found by trying, as any program may.
ONE_ID = tuple(bytes(1308) + tried.to_bytes(4) for tried in (38_277, 59_835))


def witness(name: Any, *keys: Any) -> list[Any]:
    """Return a witness; without keys, the one that is ordinary for the first."""
    return [name, list(keys) or [[WITNESS_ED25519, FIRST]]]


FIRST_WITNESS = witness("first.example")
SECOND_WITNESS = witness("second.example", [WITNESS_ED25519, SECOND])
TWO = [FIRST_WITNESS, SECOND_WITNESS]


def log(
    origin: Any = ORIGIN, keys: Any = ((LOG_ED25519, LOG),), witnesses: Any = TWO, quorum: Any = 1
) -> list[Any]:
    """Return an ordinary log with some parts replaced; nothing in it is shared with another."""
    return copy.deepcopy(
        [origin, list(map(list, keys)) if isinstance(keys, tuple) else keys, witnesses, quorum]
    )


def many(count: int) -> list[Any]:
    """Return so many witnesses, each with a key of its own."""
    return [witness(f"w{at}.example", [4, SeedKey(f"witness {at}").public]) for at in range(count)]


LAWFUL_LOGS: dict[str, list[Any]] = {
    "a log": [log()],
    "a log and its whole quorum": [log(quorum=2)],
    "two logs": [log("log.example/old"), log()],
    "a log of two keys": [log(keys=((LOG_ED25519, LOG), (LOG_ED25519, OTHER_LOG)))],
    "keys of ML-DSA-44": [
        log(
            keys=((MLDSA44, MLDSA[0]), (LOG_ED25519, LOG)),
            witnesses=[
                witness("first.example", [MLDSA44, MLDSA[1]], [WITNESS_ED25519, FIRST]),
                witness("second.example", [MLDSA44, MLDSA[2]]),
            ],
            quorum=2,
        )
    ],
    "two keys of one id under two names": [
        log(witnesses=[witness("w.example", [6, ONE_ID[0]]), witness("v.example", [6, ONE_ID[1]])])
    ],
    "a log of sixteen witnesses": [log(witnesses=many(16), quorum=16)],
    "names of 255 bytes": [log("o" * 255, witnesses=[witness("证" * 85)])],
    "a name of what is no space": [log(NO_SPACES)],
    "a witness with a key that another log has": [
        log(), log("log.example/old", ((LOG_ED25519, FIRST),), [witness("w.example", [4, LOG])])
    ],
}  # fmt: skip

REFUSED_LOGS: dict[str, list[Any]] = {
    "none": [],
    "null": [None],
    "a map": [{1: 1}],
    "a part less": [log()[:3]],
    "a part more": [[*log(), 0]],
    "the second is wrong": [log(), log(quorum=3)],
    "origin in bytes": [log(b"log.example")],
    "origin empty": [log("")],
    "origin with a plus": [log("log+example")],
    "origin of 256 bytes": [log("o" * 256)],
    "origin of 258 bytes in 86 characters": [log("证" * 86)],
    "origin with NUL": [log("a\x00b")],
    **{f"origin with U+{ord(space):04X}": [log(f"a{space}b")] for space in SPACES},
    "origin ends with a newline": [log(f"{ORIGIN}\n")],
    "two of one origin": [log(), log(quorum=2)],
    "two of one origin with another between": [log(), log("log.example/old"), log()],
    "a key twice": [log(keys=((LOG_ED25519, LOG), (LOG_ED25519, LOG)))],
    "a key of ML-DSA-44 twice": [log(witnesses=[witness("w.example", [4, FIRST], [6, MLDSA[1]], [6, MLDSA[1]])])],
    "two keys of one id": [log(witnesses=[witness("w.example", *([6, key] for key in ONE_ID))])],
    "no keys": [log(keys=[])],
    "keys no array": [log(keys=LOG)],
    "seventeen keys": [log(keys=((LOG_ED25519, LOG),) * 17)],
    "a key of ML-DSA-44 alone": [log(keys=((MLDSA44, MLDSA[0]),))],
    "a witness's kind of key": [log(keys=((LOG_ED25519, LOG), (WITNESS_ED25519, OTHER_LOG)))],
    "a key of kind 2": [log(keys=((LOG_ED25519, LOG), (2, OTHER_LOG)))],
    "a key of kind true": [log(keys=((True, LOG),))],
    "a key of one part": [log(keys=[[LOG_ED25519]])],
    "a key of three parts": [log(keys=[[LOG_ED25519, LOG, 0]])],
    "a key in text": [log(keys=[[LOG_ED25519, "key"]])],
    "a key of 31 bytes": [log(keys=((LOG_ED25519, LOG[:31]),))],
    "a key of 33 bytes": [log(keys=((LOG_ED25519, LOG + b"\0"),))],
    "a key of small order": [log(keys=((LOG_ED25519, SMALL_ORDER),))],
    "a key of mixed order": [log(keys=((LOG_ED25519, MIXED_ORDER),))],
    "a key of no canonical point": [log(keys=((LOG_ED25519, b"\xff" * 32),))],
    "ML-DSA-44 of 1311 bytes": [log(keys=((LOG_ED25519, LOG), (MLDSA44, MLDSA[0][1:])))],
    "ML-DSA-44 of 1313 bytes": [log(keys=((LOG_ED25519, LOG), (MLDSA44, MLDSA[0] + b"\0")))],
    "no witnesses": [log(witnesses=[])],
    "seventeen witnesses": [log(witnesses=many(17))],
    "a witness of one part": [log(witnesses=[["first.example"]])],
    "a witness of three parts": [log(witnesses=[[*FIRST_WITNESS, 0]])],
    "a witness without keys": [log(witnesses=[["first.example", []]])],
    "a witness without name": [log(witnesses=[witness("")])],
    "a witness's name with a space": [log(witnesses=[witness("first witness")])],
    "a witness with a log's kind of key": [log(witnesses=[witness("w.example", [LOG_ED25519, FIRST])])],
    "a witness's key of small order": [log(witnesses=[witness("w.example", [WITNESS_ED25519, SMALL_ORDER])])],
    "a witness named as the log": [log(witnesses=[witness(ORIGIN)])],
    "two witnesses of one name": [log(witnesses=[FIRST_WITNESS, witness("first.example", [4, SECOND])])],
    "two witnesses with one key": [log(witnesses=[FIRST_WITNESS, witness("second.example")])],
    "a witness with one key twice": [log(witnesses=[witness("w.example", [4, FIRST], [4, FIRST])])],
    "a witness with a key of the log": [log(witnesses=[witness("w.example", [WITNESS_ED25519, LOG])])],
    "ML-DSA-44 of log and witness": [
        log(keys=((1, LOG), (6, MLDSA[0])), witnesses=[witness("w.example", [6, MLDSA[0]])])
    ],
    "quorum 0": [log(quorum=0)],
    "quorum beyond the witnesses": [log(quorum=3)],
    "quorum 17 of sixteen": [log(witnesses=many(16), quorum=17)],
    "quorum true": [log(quorum=True)],
    "quorum null": [log(quorum=None)],
}  # fmt: skip
