"""Strict Ed25519: one rule for every verifier of this project.

RFC 8032 leaves room for doubt: libraries differ on small-order keys, on points with two encodings and on the
cofactor, so that one signature may pass here and fail there. This room leaves none (``docs/formats.md`` §2).
A public key is *admitted* once, and only as a canonical point of prime order; a signature passes only if its
bytes are the one lawful form and the cofactorless equation holds: the encoding of S·B - k·A is R, byte for
byte.

The byte checks are ours. The equation is worked out by ``cryptography`` where it is installed, and by the
plain Python below where it is not; both give the same answer on every vector, which the tests show. This room
signs nothing and holds no private key: its arithmetic takes a time that depends on the numbers, harmless only
because all of them are public.
"""

from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha512

from signing.errors import BadSignature, InadmissibleKey

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

# The curve -x² + y² = 1 + d·x²·y² modulo P, and the prime order L of its base point (RFC 8032 §5.1).
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE = bytes.fromhex("58" + "66" * 31)

# The y of the eight points whose order divides 8: one each for the orders 1, 2 and 4, two for order 8. A y
# stands for both signs of x, so that the two encodings of a "negative zero" x, which exist at y = 1 and at
# y = -1 alone, are refused along with them.
ORDER_8_Y = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
SMALL_ORDER_Y = frozenset({0, 1, P - 1, ORDER_8_Y, P - ORDER_8_Y})

WITHOUT_SIGN = 2**255 - 1

# Extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x·y = T/Z (RFC 8032 §5.1.4).
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that ``admit`` let in; never made in another way.

    ``public`` is its 32-byte encoding. The rest depends on the key alone and is computed once.
    """

    public: bytes
    _minus_a: Point = field(repr=False, compare=False)
    _library: "Ed25519PublicKey | None" = field(repr=False, compare=False)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Return if this key signed ``message`` with ``signature``, else raise ``BadSignature``."""
        # 1. to 4. The bytes are the one lawful form.
        _require_lawful_bytes(signature)
        # 5. The equation holds, without cofactor.
        if self._library is None:
            if not _equation_holds(self, signature, message):
                raise BadSignature
            return
        try:
            self._library.verify(signature, message)
        except InvalidSignature:
            raise BadSignature from None


@lru_cache(maxsize=1024)
def admit(public: bytes) -> PublicKey:
    """Return the key for its 32-byte encoding, or raise ``InadmissibleKey``.

    Costs some milliseconds (the order of the point), so it is done once for a key, not for each signature; what was
    admitted last is remembered.
    """
    # 1. 32 bytes, y < P.
    if len(public) != 32:
        raise InadmissibleKey(f"a public key has 32 bytes, not {len(public)}")
    y = int.from_bytes(public, "little") & WITHOUT_SIGN
    if y >= P:
        raise InadmissibleKey("the point is not canonically encoded")
    # 2. Not of small order; this leaves no "negative zero" either.
    if y in SMALL_ORDER_Y:
        raise InadmissibleKey("the point is of small order")
    # 3. On the curve.
    point = _decode(public)
    # 4. Of prime order: no part of small order mixed in.
    if not _is_neutral(_base_plus(0, L, point)):
        raise InadmissibleKey("the point is not of prime order")
    library = Ed25519PublicKey.from_public_bytes(public) if HAS_CRYPTOGRAPHY else None
    return PublicKey(public, _negate(point), library)


def verify_reference(public: bytes, signature: bytes, message: bytes) -> bool:
    """Answer as ``admit(public).verify(signature, message)`` does, by plain Python alone.

    For whoever writes another verifier, and to check the library against. Raises ``InadmissibleKey`` for the
    key; a bad signature is ``False``.
    """
    key = admit(public)
    try:
        _require_lawful_bytes(signature)
    except BadSignature:
        return False
    return _equation_holds(key, signature, message)


def _require_lawful_bytes(signature: bytes) -> None:
    # 1. 64 bytes.
    if len(signature) != 64:
        raise BadSignature
    # 2. S < L, or S + L would be a second signature of the same message.
    if int.from_bytes(signature[32:], "little") >= L:
        raise BadSignature
    # 3. R is canonically encoded, and 4. not of small order.
    y = int.from_bytes(signature[:32], "little") & WITHOUT_SIGN
    if y >= P or y in SMALL_ORDER_Y:
        raise BadSignature


def _equation_holds(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Tell whether S·B - k·A encodes to R (RFC 8032 §5.1.7, the equation without the factor 8)."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(r + key.public + message).digest(), "little") % L
    return _encode(_base_plus(s, k, key._minus_a)) == r


# Points (RFC 8032 §5.1.2 to §5.1.4)


def _decode(encoding: bytes) -> Point:
    number = int.from_bytes(encoding, "little")
    y, sign = number & WITHOUT_SIGN, number >> 255
    # x² = u/v has the candidate root u·v³·(u·v⁷)^((p-5)/8), up to a factor √-1 (§5.1.3).
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * SQRT_MINUS_ONE % P
    if v * x * x % P != u:
        raise InadmissibleKey("the point is not on the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _encode(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def _negate(point: Point) -> Point:
    x, y, z, t = point
    return P - x, y, z, P - t


def _is_neutral(point: Point) -> bool:
    x, y, z, _ = point
    return x % P == 0 and (y - z) % P == 0


def _add(first: Point, second: Point) -> Point:
    x1, y1, z1, t1 = first
    x2, y2, z2, t2 = second
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 % P * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(point: Point) -> Point:
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    e, g = h - (x + y) ** 2 % P, a - b
    f = 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P


# Multiplication: both scalars share one chain of doublings, and each is written in signed odd digits, so that
# one addition serves several bits.


def _base_plus(s: int, k: int, point: Point) -> Point:
    """Return s·B + k·``point``."""
    terms = ((_signed_digits(s, 7), _base_multiples()), (_signed_digits(k, 5), _odd_multiples(point, 5)))
    total = NEUTRAL
    for place in range(256, -1, -1):
        total = _double(total)
        for digits, multiples in terms:
            if (digit := digits.get(place)) is not None:
                total = _add(total, multiples[digit])
    return total


def _signed_digits(scalar: int, width: int) -> dict[int, int]:
    """Return the non-adjacent form of a scalar: by place, the odd digits of magnitude below 2^(width - 1)."""
    digits, place, half = {}, 0, 1 << (width - 1)
    while scalar:
        zeros = (scalar & -scalar).bit_length() - 1
        scalar, place = scalar >> zeros, place + zeros
        digit = (scalar + half) % (2 * half) - half
        digits[place] = digit
        scalar -= digit
    return digits


def _odd_multiples(point: Point, width: int) -> dict[int, Point]:
    """Return ±1, ±3, ±5 … times the point, below 2^(width - 1)."""
    multiples, twice, multiple = {}, _double(point), point
    for factor in range(1, 1 << (width - 1), 2):
        multiples[factor], multiples[-factor] = multiple, _negate(multiple)
        multiple = _add(multiple, twice)
    return multiples


@cache
def _base_multiples() -> dict[int, Point]:
    return _odd_multiples(_decode(BASE), 7)
