"""Write ``expected.json``: the verdict of every Ed25519 vector under the strict rule of ``formats.md`` §2.

Run by hand when a set changes: ``python tests/vectors/ed25519/make_expected.py``. Deliberately naive (affine
points, double-and-add, inversions at each step) and free of the project's code, so that a mistake there can
not repeat itself here.
"""

import json
from collections.abc import Iterator
from hashlib import sha512
from pathlib import Path

HERE = Path(__file__).parent
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

Affine = tuple[int, int]
NEUTRAL: Affine = (0, 1)


def add(a: Affine, b: Affine) -> Affine:
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def times(scalar: int, point: Affine) -> Affine:
    total = NEUTRAL
    for bit in bin(scalar)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def encode(point: Affine) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(encoding: bytes) -> Affine | None:
    """Return the point with exactly this encoding, or ``None``."""
    y = int.from_bytes(encoding, "little") % 2**255
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    for x in (root, root * pow(2, (P - 1) // 4, P) % P):
        for candidate in (x, -x % P):
            if candidate * candidate % P == square and encode((candidate, y)) == encoding and y < P:
                return candidate, y
    return None


BASE = decode(bytes.fromhex("58" + "66" * 31))


def verdict(public: bytes, message: bytes, signature: bytes) -> str:
    a = decode(public) if len(public) == 32 else None
    if a is None or a == NEUTRAL or times(L, a) != NEUTRAL:
        return "inadmissible key"
    r = decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L or r is None or times(8, r) == NEUTRAL:
        return "reject"
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little")
    if BASE is None or times(s, BASE) != add(r, times(k % L, a)):
        return "reject"
    return "accept"


def cases() -> Iterator[tuple[str, str, str, str, str]]:
    wycheproof = json.loads((HERE / "wycheproof_ed25519.json").read_bytes())
    for group in wycheproof["testGroups"]:
        for test in group["tests"]:
            yield "wycheproof", str(test["tcId"]), group["publicKey"]["pk"], test["msg"], test["sig"]
    for place, case in enumerate(json.loads((HERE / "speccheck_ed25519.json").read_bytes())):
        yield "speccheck", str(place), case["pub_key"], case["message"], case["signature"]
    for case in json.loads((HERE / "torsion_ed25519.json").read_bytes()):
        yield "torsion", case["name"], case["pub_key"], case["message"], case["signature"]


def main() -> None:
    rows = []
    for name, case, public, message, signature in cases():
        answer = verdict(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))
        row = {"set": name, "id": case, "public": public, "message": message, "signature": signature}
        rows.append(row | {"verdict": answer})
    lines = ",\n".join(json.dumps(row) for row in rows)
    (HERE / "expected.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
