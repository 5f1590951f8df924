"""Ask ``cwt``, a COSE library that we did not write, whether signatures hold.

It runs in an environment of its own (``make .venv/oracle/installed``), because ``cwt`` asks for older
libraries than the project uses. It knows nothing of the project: what it verifies is COSE (RFC 9052).

Standard input, everything in hexadecimal, ``payload`` null unless it is detached:

    {"keys": [{"kid", "public"}], "messages": [{"message", "external_aad", "payload"}]}

Standard output: for each message the payload that was signed, or null if ``cwt`` refuses it.
"""

import json
import sys
from typing import Any

from cwt import COSE, COSEKey
from cwt.exceptions import CWTError

# Labels and values of a COSE key: RFC 9052 section 7.1, RFC 9053 section 7.2; Ed25519 is alg -19 of RFC 9864.
KTY, KID, ALG, CURVE, X = 1, 2, 3, -1, -2
OKP, ED25519, ED25519_CURVE = 1, -19, 6


def cose_key(key: dict[str, str]) -> Any:
    """Return a public key as ``cwt`` takes it; it finds the one to use by the key id of the message."""
    kid, public = bytes.fromhex(key["kid"]), bytes.fromhex(key["public"])
    return COSEKey.new({KTY: OKP, KID: kid, ALG: ED25519, CURVE: ED25519_CURVE, X: public})


def signed_payload(message: dict[str, str | None], keys: list[Any]) -> str | None:
    """Return the payload that one of the keys signed, or ``None``."""
    detached = None if message["payload"] is None else bytes.fromhex(message["payload"])
    data, aad = bytes.fromhex(message["message"] or ""), bytes.fromhex(message["external_aad"] or "")
    try:
        payload = COSE.new(verify_kid=True).decode(data, keys, external_aad=aad, detached_payload=detached)
    except (CWTError, ValueError):
        return None
    return payload.hex()


def main() -> None:
    """Answer one request."""
    asked = json.load(sys.stdin)
    keys = [cose_key(key) for key in asked["keys"]]
    json.dump([signed_payload(message, keys) for message in asked["messages"]], sys.stdout)


if __name__ == "__main__":
    main()
