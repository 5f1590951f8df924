"""Looking for a secret: the forms in which it would be recognised, and all that an error says."""

import base64
import traceback


def traces_of(secret: bytes) -> list[bytes]:
    """Return the forms in which a secret would be recognised: raw, hex, base64 at each alignment, repr."""
    encoded = [base64.b64encode(bytes(shift) + secret)[8:-8] for shift in range(3)]
    urlsafe = [base64.urlsafe_b64encode(bytes(shift) + secret)[8:-8] for shift in range(3)]
    hexadecimal = secret.hex().encode()
    return [secret, hexadecimal, hexadecimal.upper(), *encoded, *urlsafe, repr(secret).encode()[2:-1]]


def shows(content: bytes, secret: bytes) -> bool:
    """Say whether the content shows the secret in any form."""
    return any(trace in content for trace in traces_of(secret))


def everything_said_by(error: BaseException) -> bytes:
    """Return all that a log, a crash report or a debugger's locals would show of an error.

    The locals of the tests themselves are left out.
    """
    said: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        said += [str(seen), repr(seen), repr(seen.args), repr(getattr(seen, "__dict__", {}))]
        for frame, _ in traceback.walk_tb(seen.__traceback__):
            if "/tests/" not in frame.f_code.co_filename:
                said += [repr(value) for value in frame.f_locals.values()]
        seen = seen.__cause__ or seen.__context__
    said += traceback.format_exception(error)
    return "\n".join(said).encode()
