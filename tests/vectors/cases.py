"""The cases of ``tokens.json``: a token, what the verifier has at hand, and the verdict.

Each expected verdict is written here by hand, from the table of ``docs/formats.md`` §8 and in its order.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from signing.statement import Occupation
from tests.vectors import faults
from tests.vectors.logs import LAWFUL_LOGS
from tests.vectors.variants import keys_files, status_files
from tests.vectors.world import (
    BASE_TOKENS,
    BURNT,
    DAY,
    DISTRUSTED,
    ENDED,
    ENV,
    HONEST,
    ISSUING,
    LATE,
    NOW,
    REPORT,
    RETIRED,
    ROOTS,
    STATUS,
    STRANGER,
    root,
    statement,
    token,
)  # fmt: skip

TOKEN = next(iter(BASE_TOKENS.values()))
VERDICTS = {
    "valid": "valid",
    "suspended": "suspended",
    "superseded": "superseded",
    "revoked": "revoked",
    "malformed": "not_genuine",
    "unknown_key": "not_genuine",
    "bad_signature": "not_genuine",
    "wrong_key_kind": "not_genuine",
    "outside_key_range": "not_genuine",
    "after_key_end": "not_genuine",
    "key_distrusted": "not_genuine",
    "not_issued": "not_genuine",
    "unknown_version": "cannot_tell",
    "no_trust_bundle": "cannot_tell",
    "wrong_environment": "cannot_tell",
    "trust_bundle_expired": "cannot_tell",
    "key_not_known_yet": "cannot_tell",
    "no_status": "cannot_tell",
    "status_not_verifiable": "cannot_tell",
    "not_released": "cannot_tell",
    "newer_than_status": "cannot_tell",
    "trust_bundle_outdated": "cannot_tell",
    "status_too_old": "cannot_tell",
    "clock_behind_status": "cannot_tell",
}

ENTRIES = {
    201: "not_issued",
    202: "not_released",
    203: "revoked",
    204: "revoked",
    205: "superseded",
    206: "suspended",
    207: "valid",
    20_000: "superseded",
}
"""What ``world.status`` says of them."""

NO_STATUS_FOR_UNKNOWN_KEY = (
    "24 hours",
    "400 days",
    "10 minutes and a second ahead",
    "of trust keys 6",
    "of trust keys 8",
    "refused: signature changed",
    None,
)
"""Files from which it does not follow that the trust keys at hand are current."""

ROOT_FILES = {
    "demo": root(),
    "demo, all three": root(threshold=3),
    "demo, strangers": root(keys=(STRANGER.public, STATUS.public, ISSUING.public)),
    "prod": root("prod"),
}


def case(name: str, data: bytes, reason: str, **where: Any) -> dict[str, Any]:
    """Return one case; what is not said is the current state."""
    state = {"environment": ENV, "root": "demo", "keys": "current", "status": "current", "now": NOW} | where
    stale = state.pop("stale", False)
    now = state.pop("now").isoformat().replace("+00:00", "Z")
    return {
        "name": name, "token": data.hex(), **state, "now": now,
        "verdict": VERDICTS[reason], "reason": reason, "stale": stale,
    }  # fmt: skip


def cases() -> Iterator[dict[str, Any]]:
    """Yield all cases, in the order of the table."""
    yield from malformed()
    yield from of_trust_bundles()
    yield from of_keys()
    yield from of_status()
    yield from of_order()


def malformed() -> Iterator[dict[str, Any]]:
    """Line 1."""
    for name, data in faults.BAD_ENVELOPES.items():
        yield case(f"malformed: {name}", data, "malformed")
    for name, content in faults.BAD_PAYLOADS.items():
        yield case(f"malformed payload: {name}", faults.sign1(content), "malformed")
    for name, data in faults.UNKNOWN_VERSIONS.items():
        yield case(f"unknown version: {name}", data, "unknown_version")


def of_trust_bundles() -> Iterator[dict[str, Any]]:
    """Line 2."""
    for name in keys_files():
        if name.startswith("refused: "):
            yield case(f"trust keys {name}", TOKEN, "no_trust_bundle", keys=name)
    for name in ("all three", "two of the root and a stranger", "two of the root and one that does not hold"):
        yield case(f"trust keys signed by {name}", TOKEN, "valid", keys=name)
    for name in LAWFUL_LOGS:
        yield case(f"trust keys with {name}", TOKEN, "valid", keys=f"with {name}")
    yield case("no trust keys", TOKEN, "no_trust_bundle", keys=None)
    yield case("no trust keys and no status", TOKEN, "no_trust_bundle", keys=None, status=None)
    yield case(
        "two signatures where the root asks for three", TOKEN, "no_trust_bundle", root="demo, all three"
    )
    yield case("three where it asks for three", TOKEN, "valid", root="demo, all three", keys="all three")
    yield case("trust keys of another root", TOKEN, "no_trust_bundle", root="demo, strangers")
    yield case(
        "trust keys and root of demo, verifier of prod", TOKEN, "wrong_environment", environment="prod"
    )
    yield case("trust keys and root of prod", TOKEN, "wrong_environment", root="prod", keys="for prod")
    yield case("trust keys that say prod, signed for demo", TOKEN, "wrong_environment", keys="says prod")
    yield case("root of prod, trust keys of demo", TOKEN, "no_trust_bundle", root="prod")
    yield case("root of prod, no trust keys", TOKEN, "no_trust_bundle", root="prod", keys=None)
    yield case("trust keys expire now", TOKEN, "trust_bundle_expired", keys="expires now")
    yield case("trust keys expire in a second", TOKEN, "valid", keys="expires in a second")
    yield case("trust keys expired long ago", TOKEN, "trust_bundle_expired", now=NOW + 1000 * DAY)


def of_keys() -> Iterator[dict[str, Any]]:
    """Lines 3 to 5."""
    strange = token(statement(), STRANGER)
    yield case("unknown key", strange, "unknown_key")
    yield case("unknown key, status 10 minutes ahead", strange, "unknown_key", status="10 minutes ahead")
    yield case("unknown key, status just young", strange, "unknown_key", status="a second under 24 hours")
    for name in NO_STATUS_FOR_UNKNOWN_KEY:
        yield case(f"unknown key, status {name}", strange, "key_not_known_yet", status=name)
    yield case("unknown key, newer trust keys than status", strange, "key_not_known_yet", keys="version 8")
    yield case("unknown key and a signature that does not hold", faults.flipped(strange, -1), "unknown_key")
    yield case("root key as issuing key", token(statement(), ROOTS[0]), "unknown_key")
    for name, data in faults.bad_signatures().items():
        yield case(f"bad signature: {name}", data, "bad_signature")
    for name, key in {"status": STATUS, "report": REPORT}.items():
        yield case(f"signed by a {name} key", token(statement(), key), "wrong_key_kind")
    for key, first, last in ((ISSUING, 1, 30_000), (RETIRED, 30_001, 40_000)):
        issued_on = date(2026, 6, 30)
        for entry, reason in {first - 1: "outside_key_range", first: "valid", last: "valid",
                              last + 1: "outside_key_range"}.items():  # fmt: skip
            if entry:
                data = token(statement(entry, issued_on=issued_on), key)
                yield case(f"{key.name} key, entry {entry}", data, reason)
    yield case("the largest entry", token(statement(4294967295)), "outside_key_range")
    yield case("issued on the key's last day", token(statement(issued_on=LATE)), "valid")
    yield case("issued on the day after", token(statement(issued_on=date(2027, 7, 1))), "after_key_end")
    yield case("ended key, last day", token(statement(50_001, issued_on=date(2026, 10, 19)), ENDED), "valid")
    yield case("ended key, day after", token(statement(50_001), ENDED), "after_key_end")
    yield case("issued on the first day of all", token(statement(issued_on=date(1970, 1, 1))), "valid")
    yield case("distrusted key, in its honest list", HONEST, "valid")
    yield case(
        "distrusted key, not in its honest list", token(statement(40_101), DISTRUSTED), "key_distrusted"
    )
    yield case("distrusted key without honest list", token(statement(45_001), BURNT), "key_distrusted")


def of_status() -> Iterator[dict[str, Any]]:
    """Lines 6 to 11."""
    for name, data in BASE_TOKENS.items():
        yield case(f"valid: {name}", data, "valid")
    for name, data in lawful_tokens().items():
        yield case(f"valid: {name}", data, "valid")
    yield case("no status", TOKEN, "no_status", status=None)
    for name in status_files():
        if name.startswith("refused: "):
            yield case(f"status {name}", TOKEN, "status_not_verifiable", status=name)
    for entry, reason in ENTRIES.items():
        yield case(f"entry {entry}: {reason}", token(statement(entry)), reason)
    yield case("entry newer than status", TOKEN, "newer_than_status", status="of 99 entries")
    yield case("entry the last of the status", TOKEN, "valid", status="of 100 entries")
    yield case("status that knows no entry", TOKEN, "newer_than_status", status="of no entries")
    yield case("status just under 7 days", TOKEN, "valid", status="a second under 7 days")
    yield case("status of 7 days", TOKEN, "valid", status="7 days", stale=True)
    yield case("status of 30 days", TOKEN, "valid", status="30 days", stale=True)
    yield case("status over 30 days", TOKEN, "status_too_old", status="a second over 30 days", stale=True)
    yield case("status of 400 days", TOKEN, "status_too_old", status="400 days", stale=True)
    yield case("clock 10 minutes behind", TOKEN, "valid", status="10 minutes ahead")
    yield case("clock further behind", TOKEN, "clock_behind_status", status="10 minutes and a second ahead")
    yield case("status of older trust keys", TOKEN, "valid", status="of trust keys 6")
    yield case("status of newer trust keys", TOKEN, "trust_bundle_outdated", status="of trust keys 8")
    yield case(
        "status of newer trust keys, which are at hand",
        TOKEN,
        "valid",
        keys="version 8",
        status="of trust keys 8",
    )
    yield case("status of trust keys older than those at hand", TOKEN, "valid", keys="version 8")


def lawful_tokens() -> dict[str, bytes]:
    """Return tokens at the edges of the grammar."""
    return {
        "number of an unknown profile": token(statement(number=b"\xc8\x01\x02")),
        "number that does not fit its profile": token(statement(number=b"\x01\x01")),
        "number larger than its profile's largest": token(statement(number=b"\x01" + b"\xff" * 10)),
        "number of twelve bytes": token(statement(number=b"\xc8" + b"\xff" * 11)),
        "occupation that has no name": token(statement(occupation=Occupation(255, 9999999))),
        "occupation 0": token(statement(occupation=Occupation(1, 0))),
        "name of one byte": token(statement(holder_name="A")),
        "name that begins with U+FEFF": token(statement(holder_name="\ufeff张")),
        "name with U+0000": token(statement(holder_name="A\x00B")),
        "name with U+FFFD": token(statement(holder_name="\ufffd")),
        "name of four-byte characters": token(statement(holder_name="𬭸" * 42)),
        "name with a combining mark, not NFC": token(statement(holder_name="e\u0301")),
        "name with a line end and markup": token(statement(holder_name="<b>&amp;\r\n\u202e")),
        "id check 0": token(statement(id_check=0)),
        "name of 24 bytes": token(statement(holder_name="a" * 24)),
    }


def of_order() -> Iterator[dict[str, Any]]:
    """Two lines apply; the first decides."""
    later = NOW + 1000 * DAY
    wrong = faults.flipped(TOKEN, -1)
    version_2 = faults.UNKNOWN_VERSIONS["version 2"]
    yield case("malformed without trust keys", b"", "malformed", keys=None)
    yield case("malformed in the wrong environment", b"", "malformed", environment="prod")
    yield case("unknown version without trust keys", version_2, "unknown_version", keys=None)
    yield case("unknown version, trust keys expired", version_2, "unknown_version", now=later)
    yield case("wrong environment and expired", TOKEN, "wrong_environment", environment="prod", now=later)
    yield case("expired and unknown key", token(statement(), STRANGER), "trust_bundle_expired", now=later)
    yield case("expired and bad signature", wrong, "trust_bundle_expired", now=later)
    yield case(
        "bad signature of a status key", faults.flipped(token(statement(), STATUS), -1), "bad_signature"
    )
    yield case("bad signature and revoked", faults.flipped(token(statement(203)), -1), "bad_signature")
    yield case("bad signature without status", wrong, "bad_signature", status=None)
    yield case("wrong key kind without status", token(statement(), REPORT), "wrong_key_kind", status=None)
    yield case("wrong key kind and out of range", token(statement(60_001), REPORT), "wrong_key_kind")
    yield case(
        "out of range and after the end",
        token(statement(30_001, issued_on=date(2030, 1, 1))),
        "outside_key_range",
    )
    yield case(
        "after the end and distrusted",
        token(statement(45_001, issued_on=date(2030, 1, 1)), BURNT),
        "after_key_end",
    )
    yield case("distrusted and revoked", token(statement(40_203), DISTRUSTED), "key_distrusted")
    yield case("distrusted without status", token(statement(45_001), BURNT), "key_distrusted", status=None)
    for entry, reason in {203: "revoked", 205: "superseded", 201: "not_issued", 202: "not_released"}.items():
        data = token(statement(entry))
        yield case(f"{reason} by a status of 400 days", data, reason, status="400 days", stale=True)
        yield case(f"{reason} by a status of tomorrow", data, reason, status="10 minutes and a second ahead")
    suspended = token(statement(206))
    yield case(
        "suspended by a status of 400 days", suspended, "status_too_old", status="400 days", stale=True
    )
    yield case("suspended by a status of 30 days", suspended, "suspended", status="30 days", stale=True)
    yield case(
        "suspended, clock behind", suspended, "clock_behind_status", status="10 minutes and a second ahead"
    )
    yield case("newer than a status of 99 entries, forty days old", TOKEN, "newer_than_status",
               status="of 99 entries", now=NOW + 40 * DAY, stale=True)  # fmt: skip
    for name in ("of trust keys 8, over 30 days", "of trust keys 8, clock behind"):
        yield case(f"status {name}", TOKEN, "trust_bundle_outdated", status=name, stale="days" in name)
    for entry, reason in ENTRIES.items():
        if reason in {"suspended", "valid"}:
            reason = "trust_bundle_outdated"
        data = token(statement(entry))
        yield case(f"entry {entry} by a status of newer trust keys", data, reason, status="of trust keys 8")
    yield case(
        "distrusted by the trust keys at hand, status of newer ones",
        token(statement(45_001), BURNT),
        "key_distrusted",
        status="of trust keys 8",
    )
    yield case("status of 29 days, seen later", TOKEN, "valid", now=NOW + 29 * DAY, stale=True)
