"""What a PKCS#11 module refuses, in the words of ``keys.errors``.

The library's own errors never leave this package: whoever catches one keeps its kind, lets the ``except`` block
end, and raises what is said here, so that no traceback leads back to a frame that knew a PIN.
"""

from __future__ import annotations

from typing import Final

import pkcs11
from pkcs11.constants import TokenFlag

from keys.errors import HsmSessionLost, HsmTokenMissing, HsmUnavailable, PinRefused
from keys.hsm.place import HsmPlace

# After these another session may well do what this one can not: the token was drawn and put back, its daemon
# restarted, its user logged out from elsewhere. SoftHSM calls a key's handle invalid when its token is gone.
LOST: Final[frozenset[type[pkcs11.PKCS11Error]]] = frozenset(
    {
        pkcs11.DeviceError,
        pkcs11.DeviceRemoved,
        pkcs11.KeyHandleInvalid,
        pkcs11.ObjectHandleInvalid,
        pkcs11.SessionClosed,
        pkcs11.SessionHandleInvalid,
        pkcs11.TokenNotPresent,
        pkcs11.UserNotLoggedIn,
    }
)

WRONG_PIN: Final = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange)

# Not every token tells that tries are running out, and a worker asks again and again.
NOT_TRIED_AGAIN: Final = (
    "the PIN was refused, and is not tried again; correct its file, or start this process anew"
)

_PIN_FAULTS: Final[dict[type[pkcs11.PKCS11Error], str]] = {
    pkcs11.PinExpired: "the PIN has expired",
    pkcs11.PinIncorrect: "the PIN is wrong",
    pkcs11.PinInvalid: "the PIN is wrong",
    pkcs11.PinLenRange: "the PIN is wrong: too short or too long",
    pkcs11.PinLocked: "the PIN is locked; the token's security officer sets a new one",
    pkcs11.UserPinNotInitialized: "the token's user has no PIN yet",
}


def refusal(
    kind: type[pkcs11.PKCS11Error], place: HsmPlace, flags: TokenFlag | None = None
) -> HsmUnavailable:
    """Return the error to raise; ``flags`` are the token's after a refused PIN, if it still shows any."""
    if kind in _PIN_FAULTS:
        return PinRefused(place.uri, _PIN_FAULTS[kind] + _tries_left(flags))
    if kind is pkcs11.NoSuchToken:
        return HsmTokenMissing(place.uri, f"{place.module} shows no token of this label")
    if kind is pkcs11.MultipleTokensReturned:
        return HsmTokenMissing(place.uri, f"{place.module} shows several tokens of this label")
    if kind in LOST:
        return HsmSessionLost(place.uri, f"the session ended, and so did the next ({kind.__name__})")
    return HsmUnavailable(place.uri, f"the module refused: {kind.__name__}")


def require_tries_left(flags: TokenFlag, place: HsmPlace) -> None:
    """Raise ``PinRefused`` before a login that could lock the PIN.

    A program that waits and tries again would spend every try; the last one is a person's.
    """
    if flags & TokenFlag.USER_PIN_LOCKED:
        raise PinRefused(place.uri, _PIN_FAULTS[pkcs11.PinLocked])
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise PinRefused(
            place.uri,
            "one try is left, which is kept for a person: log in by hand, then correct the PIN file",
        )


def _tries_left(flags: TokenFlag | None) -> str:
    if flags is None:
        return ""
    if flags & TokenFlag.USER_PIN_LOCKED:
        return "; it is locked now"
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        return "; one try is left"
    if flags & TokenFlag.USER_PIN_COUNT_LOW:
        return "; tries were lost, and the token does not tell how many are left"
    return ""
