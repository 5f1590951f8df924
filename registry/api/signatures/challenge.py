"""What an unsigned request is answered: how to sign it (RFC 9421 §5.1, RFC 9110 §11.6.1)."""

from registry.api.signatures.signature_input import ALGORITHM, DERIVED, OF_CONTENT, OF_REQUEST, tag_for


def challenge(environment: str) -> dict[str, str]:
    """Return ``WWW-Authenticate`` and ``Accept-Signature``; what is listed and not sent need not be covered.

    Key id and nonce are the signer's own, so a value can not be asked for.
    """
    components = " ".join(f'"{name}"' for name in (*DERIVED, *OF_CONTENT, *OF_REQUEST))
    asked = f'created;alg="{ALGORITHM}";tag="{tag_for(environment)}"'
    return {
        "WWW-Authenticate": 'Signature realm="certreg"',
        "Accept-Signature": f"sig1=({components});{asked}",
    }
