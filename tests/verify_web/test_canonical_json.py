"""The page reads JSON and writes its canonical form as Python does, byte for byte."""

import json
import random
from typing import Any

from signing import canonical_json
from signing.errors import Malformed
from tests.signing.test_canonical_json import READ, REFUSED
from tests.verify_web.node import run_in_node

PIECES = [
    b"{", b"}", b"[", b"]", b",", b":", b'"a"', b'"\\u0062"', b'"\xc3\xa9"', b'"\\ud83d\\ude00"', b'"\\ud800"',
    b'"~\xef\xbd\x9e"', b'"\xf0\x90\x80\x80"', b'""', b"0", b"-1", b"1.5", b"01", b"true", b"null", b" ", b"\n",
    b"\t", b"\x0b", b"9007199254740993", b'"__proto__"', b'"\x7f"', b'"\x1f"', b"\\", b'"',
]  # fmt: skip


def in_python(written: bytes) -> Any:
    try:
        return canonical_json.encode(canonical_json.decode(written)).hex()
    except Malformed:
        return {"refused": "Malformed"}


def made_up(chance: random.Random) -> bytes:
    """Return JSON of a random value, or random pieces of JSON, or JSON with one byte changed."""
    kind = chance.randrange(3)
    if kind == 0:
        return b"".join(chance.choices(PIECES, k=chance.randrange(1, 9)))
    written = json.dumps(value(chance, 4), ensure_ascii=chance.random() < 0.5).encode()
    if kind == 1:
        return written
    at = chance.randrange(len(written))
    return written[:at] + bytes((chance.randrange(256),)) + written[at + 1 :]


def value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(7 if depth else 4)
    if kind < 2:
        return "".join(map(chr, chance.choices([34, 92, 47, 97, 0x7F, 0xE9, 0xFF5E, 0x10000, 9], k=3)))
    if kind == 2:
        return chance.choice([None, True, False])
    if kind == 3:
        return chance.randrange(-(2**54), 2**54)
    if kind == 4:
        return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
    names = ["", "a", "é", "～", "𐀀", "__proto__", '"']
    return {name: value(chance, depth - 1) for name in chance.sample(names, 3)}


def test_both_readers_agree_on_every_text():
    chance = random.Random(20261120)
    texts = [*REFUSED, *(written for written, _ in READ), *(made_up(chance) for _ in range(4000))]

    answers = run_in_node("canonicaljson", [text.hex() for text in texts])

    meant = [in_python(text) for text in texts]
    assert answers == meant
    assert 0.1 < sum(type(answer) is str for answer in meant) / len(meant) < 0.9
