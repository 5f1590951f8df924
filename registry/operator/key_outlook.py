"""What each key has left, and what its custodians do next: for a list that one looks at once a month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from keys.epochs import KeyState, ListedKey
from registry.certificate.epochs import EpochUse, epoch_use
from registry.certificate.errors import UnknownEpoch
from registry.civil_time import civil_date
from signing.cose import Kind
from signing.trust import KeyEntry, TrustKeys

FEW_ENTRIES = 10
FEW_DAYS = 30
"""Of an epoch, percent of its block and days: time enough to bring two people and two media together."""

STATUS_KEY_DAYS = 400
TRUST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Outlook:
    """One key's line: ``left`` entries of its block, ``None`` where it gives none; ``advice`` may be empty."""

    listed: ListedKey
    use: EpochUse | None
    left: int | None
    advice: str

    @property
    def text(self) -> str:
        """The line, and what to do on a second one."""
        listed, entry = self.listed, self.listed.entry
        age = "elsewhere" if listed.age_days is None else f"{listed.age_days} days"
        parts = [f"{listed.key_id.hex()}  {listed.kind:<12} {listed.state:<12} {age:<10}"]
        if entry is not None and entry.kind == Kind.CERTIFICATE:
            parts.append(f"entries {entry.first_entry}–{entry.last_entry}, last day {entry.last_on}")
        if self.left is not None:
            parts.append(f"{self.left} left")
        line = "  ".join(parts).rstrip()
        return f"{line}\n    → {self.advice}" if self.advice else line


def outlooks(
    session: Session, listed: list[ListedKey], trust: TrustKeys | None, *, now: datetime
) -> Iterator[Outlook]:
    """Yield the outlook of each key, in their order."""
    in_use = [key for key in listed if key.state is KeyState.IN_USE and key.kind == Kind.CERTIFICATE]
    waiting = len(in_use) > 1
    for key in listed:
        use = _use(session, key) if key.kind == Kind.CERTIFICATE and trust else None
        left = None
        if use is not None and key.entry is not None and key.state is KeyState.IN_USE:
            left = key.entry.last_entry - max(use.last_given, key.entry.first_entry - 1)
        yield Outlook(key, use, left, _advice(key, use, left, waiting=waiting, today=civil_date(now)))


def trust_advice(trust: TrustKeys | None, *, now: datetime) -> str:
    """Return what to do about the trust bundle as a whole, "" if nothing."""
    if trust is None:
        return "there is no trust bundle yet: certreg key found"
    if now + timedelta(days=TRUST_DAYS) > trust.expires_at:
        return (
            f"the trust bundle expires on {civil_date(trust.expires_at)}, and then no verifier can tell anything; any "
            "ceremony signs it anew"
        )
    return ""


def _use(session: Session, key: ListedKey) -> EpochUse | None:
    try:
        return epoch_use(session, key.key_id)
    except UnknownEpoch:
        return None


def _advice(key: ListedKey, use: EpochUse | None, left: int | None, *, waiting: bool, today: date) -> str:
    match key.state:
        case KeyState.UNPUBLISHED:
            return "made and in no trust bundle: the next ceremony of its kind uses it"
        case KeyState.IN_USE if key.kind == Kind.STATUS and (key.age_days or 0) > STATUS_KEY_DAYS:
            return f"older than {STATUS_KEY_DAYS} days: certreg key retire {key.key_id.hex()} --replace"
        case KeyState.IN_USE if key.entry is not None and use is not None and left is not None:
            return _epoch_advice(key.entry, use, left, waiting=waiting, today=today)
        case KeyState.IN_USE if key.kind == Kind.CERTIFICATE:
            return "the register was not told of it: run certreg key open-epoch again"
        case KeyState.RETIRED | KeyState.DISTRUSTED if use is not None and use.closed_at is None:
            return "the register still has its epoch open: run the ceremony again"
    return ""


def _epoch_advice(entry: KeyEntry, use: EpochUse, left: int, *, waiting: bool, today: date) -> str:
    days = (entry.last_on - today).days
    if left == 0 or days < 0:
        end = "its block is used up" if left == 0 else "its last day is over"
        return f"{end}: certreg key close-epoch {entry.key_id.hex()}" + ("" if waiting else " --next")
    few = 100 * left <= FEW_ENTRIES * (entry.last_entry - entry.first_entry + 1)
    if not waiting and (few or days < FEW_DAYS):
        why = f"{left} entries" if few else f"{days} days"
        return f"{why} left: open the next epoch, certreg key open-epoch --ahead"
    if use.closed_at is not None:
        return "the register has its epoch closed: run the ceremony again"
    return ""
