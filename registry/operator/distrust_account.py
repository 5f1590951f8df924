"""What the operator reads before a key is distrusted: each step, what it costs, and what is final."""

from collections.abc import Collection, Iterator
from datetime import datetime

from registry.journal.record import runs_of
from registry.operator.distrust import Survey
from signing.freshness import MAX_DAYS
from signing.trust import TrustKeys

SHOWN_RUNS = 20


def issuing_account(found: Survey, trust: TrustKeys, *, alarm: datetime) -> Iterator[str]:
    """Yield the lines on an issuing key."""
    use, plan = found.use, found.abandonment
    void = len(plan.numbered_anew) + len(plan.lost)
    yield f"Key {use.key_id.hex()}: issuing key of entries {use.first_entry}–{use.last_entry}, {use.given} given."
    yield f"In other hands perhaps since {alarm.isoformat()}."
    yield "What will be done:"
    yield "  1. The register closes the epoch: the key numbers nothing more."
    yield f"  2. {void} numbers that were not released are void; {len(plan.numbered_anew)} results get new ones."
    yield (
        f"  3. The honest list: {len(found.honest.digests)} tokens that count from before the alarm or that you vouch "
        "for, each verified and held against the signer's journal. They stay what they are."
    )
    yield (
        "  4. A new issuing key is made; its block begins behind the last entry given."
        if found.opens_next
        else "  4. Another epoch is open already and goes on; what it can not sign is passed over."
    )
    yield f"  5. Root keys sign trust bundle {trust.version + 1}: the key is dead but for its honest list."
    yield "  6. The register is told, the ceremony recorded, trust bundle and status published."
    yield "What it costs:"
    yield from _costs(found)
    yield "All of it is final. Killed anywhere, run the same command again: it goes on."


def status_account(trust: TrustKeys, key_id: bytes, *, makes_another: bool) -> Iterator[str]:
    """Yield the lines on a status key."""
    yield f"Key {key_id.hex()}: status key."
    yield "What will be done:"
    yield "  1. A new status key is made." if makes_another else "  1. Another status key is in use already."
    yield f"  2. Root keys sign trust bundle {trust.version + 1}: no status by this key verifies any more."
    yield "  3. The register is told, the ceremony recorded, trust bundle and a status by the other key published."
    yield "What it costs:"
    yield "  - Verifiers with the new trust bundle and an old status can not tell until they refresh both."
    yield (
        "  - A verifier that refreshes nothing goes on believing this key's statuses until its trust bundle ends, "
        f"{trust.expires_at:%Y-%m-%d} at the latest."
    )
    yield "All of it is final. Killed anywhere, run the same command again: it goes on."


def report_lines(found: Survey) -> Iterator[str]:
    """Yield a line for each entry that something happens to: entry, tab, what."""
    for entry in found.late:
        yield f"{entry}\treleased after the alarm: refused; have it corrected, or revoke it"
    for entry, why in sorted(found.honest.left_out.items()):
        yield f"{entry}\tnot proved ({why}): refused; find out why, have it corrected, or revoke it"
    for entry in found.abandonment.numbered_anew:
        yield f"{entry}\tvoid; its result is numbered anew"
    for entry in found.abandonment.lost:
        yield f"{entry}\tvoid correction; revoke the certificate and issue anew"
    for entry in found.abandonment.kept:
        yield f"{entry}\tcorrection on its way: kept"


def _costs(found: Survey) -> Iterator[str]:
    if found.late:
        yield (
            f"  - {len(found.late)} certificates were released after the alarm and nobody vouches for them (--also): "
            f"verifiers will call them not genuine until they are corrected. Entries {shown(found.late)}"
        )
    if found.honest.left_out:
        yield (
            f"  - {len(found.honest.left_out)} tokens could not be proved and are left out: entries "
            f"{shown(found.honest.left_out)}"
        )
    if found.abandonment.lost:
        yield (
            f"  - {len(found.abandonment.lost)} corrections are void for good: their certificates stay as they are, to "
            "be revoked and issued anew. If you have looked at them, sign them first (certreg issue) and name them "
            f"with --also: entries {shown(found.abandonment.lost)}"
        )
    yield (
        "  - A verifier that refreshes nothing goes on believing the key as long as its status counts, "
        f"{MAX_DAYS} days."
    )


def shown(entries: Collection[int]) -> str:
    """Return entries as runs: ``3, 7–12``; of many the first 20, and how many others."""
    runs = runs_of(sorted(entries))
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in runs[:SHOWN_RUNS]]
    more = len(runs) - SHOWN_RUNS
    return ", ".join(texts) + (f" and {more} more runs (--report FILE lists all)" if more > 0 else "")
