"""Write ``tokens.json``: the cases on which every verifier of the project must give the same verdict.

Run ``python -m tests.vectors.make_tokens`` in the root of the project; ``README.md`` describes the file. It
depends on nothing but this folder and the formats: keys come from fixed seeds and Ed25519 has no
randomness. Each expected verdict is written here by hand, from the table of ``docs/formats.md`` §8; only
the runs of the flipped bits are taken from our own verifier.
"""

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from signing.id_check import IdType, id_check
from signing.link import qr_text
from signing.number import shown
from signing.statement import Statement
from signing.verdict import judge, open_public_state
from tests.vectors.cases import ROOT_FILES, cases
from tests.vectors.variants import keys_files, names_files, status_files
from tests.vectors.world import (
    BASE_TOKENS,
    ENV,
    NOW,
    NUMBER,
    PROFILES,
    SALT,
    root,
)  # fmt: skip

FILE = Path(__file__).with_name("tokens.json")


def base_tokens() -> Iterator[dict[str, Any]]:
    """Yield the tokens whose every bit is flipped, with what they say and the runs of reasons."""
    state = open_public_state(root(), keys_files()["current"], status_files()["current"], environment=ENV)
    for name, data in BASE_TOKENS.items():
        reasons = []
        for bit in range(8 * len(data)):
            changed = bytearray(data)
            changed[bit >> 3] ^= 0x80 >> (bit & 7)
            reasons.append(judge(bytes(changed), state, now=NOW).reason)
        runs = [[reason, len(list(run))] for reason, run in groupby(reasons)]
        spoken = said(judge(data, state, now=NOW).statement)
        link = qr_text("https://dte.example/v#", data)
        yield {"name": name, "token": data.hex(), "link": link, "statement": spoken, "flips": runs}


def said(content: Statement | None) -> dict[str, Any]:
    """Return a statement as JSON."""
    if content is None:
        raise ValueError("a base token does not verify")
    return {
        "entry": content.entry,
        "number": shown(content.number, PROFILES),
        "holder_name": content.holder_name,
        "id_check": content.id_check,
        "edition": content.occupation.edition,
        "occupation": content.occupation.text,
        "direction": content.direction,
        "level": int(content.level),
        "issued_on": content.issued_on.isoformat(),
    }


def id_checks() -> Iterator[dict[str, Any]]:
    """Yield ID numbers in several writings, and their 12 bits with the salt of the trust keys."""
    for id_type, number in (
        (IdType.RESIDENT_ID, "11010519491231002X"),
        (IdType.RESIDENT_ID, "11010519491231002x"),
        (IdType.RESIDENT_ID, "１１０１０５１９４９１２３１００２Ⅹ"),
        (IdType.RESIDENT_ID, "\t110105 1949\u00a01231\u3000002ⅹ\r\n"),
        (IdType.RESIDENCE_PERMIT, "11010519491231002X"),
        (IdType.PASSPORT, "e12345678"),
        (IdType.PASSPORT, "ｅ１２３４５６７８"),
        (IdType.PASSPORT, "straße"),
        (IdType.HK_MACAO_PERMIT, "H0123456700"),
        (IdType.TAIWAN_PERMIT, "01234567"),
        (IdType.PERMANENT_RESIDENCE_ID, "ABC123456789012"),
        (IdType.PASSPORT, ""),
    ):
        yield {"type": id_type, "number": number, "check": id_check(SALT, id_type, number)}


def numbers() -> Iterator[dict[str, Any]]:
    """Yield packed numbers and how they are shown."""
    packed = [NUMBER, b"\xc8\x01\x02", b"\x01\x01", b"\x01" + b"\xff" * 10]
    packed += [PROFILES[2].pack("Y000123000001195000001"), PROFILES[3].pack("S99999999999999Z999999")]
    packed += [PROFILES[4].pack("1910010203400001")]
    packed += [PROFILES[1].pack("A" + "0" * 21), PROFILES[1].pack("Z" + "9" * 21)]
    for number in packed:
        yield {"number": number.hex(), "shown": shown(number, PROFILES)}


def document() -> str:
    """Return the text of ``tokens.json``."""
    content = {
        "format": "certreg-vectors/1",
        "roots": {name: json.loads(pinned.to_json()) for name, pinned in ROOT_FILES.items()},
        "keys": {name: data.hex() for name, data in keys_files().items()},
        "names": {name: data.hex() for name, data in names_files().items()},
        "status": {name: data.hex() for name, data in status_files().items()},
        "base_tokens": list(base_tokens()),
        "cases": list(cases()),
        "id_checks": list(id_checks()),
        "numbers": list(numbers()),
    }
    return json.dumps(content, ensure_ascii=True, indent=1) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(FILE.read_text() != document())
    FILE.write_text(document())
