"""Refusals of the certificate room.

RegistryError
├── UnlawfulTransition      the action does not apply to an entry in this status
├── CorrectionNotVoidable   the entry is a later version; only a number's first can be voided
├── SeriesNotOpen           no operator opened the series that this number belongs to
├── OpeningNotGenuine       the opening of a series is not what an entitled registrar signed
├── EpochNotOpen            no issuing key has entries left
├── ClockBehind             this machine's date is before the day of the office's decision
├── NumberingHeld           the highest numbers ever given are not known
├── BehindItsSigner         the database knows fewer entries than the signer: a stale copy
├── NotACorrection          a correcting row names an entry that it can not correct
├── UnknownNumber           no certificate has this number
├── UnknownEntry            no entry has this place
├── TokenNotGenuine         the token of an entry that waits for its release does not verify
├── UnknownEpoch            the register has no epoch of this key
├── EpochUnfinished         a number of the epoch is neither signed nor voided
├── NotAsConfirmed          the bytes to be signed do not say what was confirmed
└── SignerMissing           the signer of an entry's key is not at hand
"""

from datetime import date

from registry.errors import RegistryError


class UnlawfulTransition(RegistryError):
    """The action does not apply to an entry in this status."""

    def __init__(self, action: str, status: str) -> None:
        super().__init__(f"cannot {action} a certificate that is {status}")
        self.action = action
        self.status = status


class CorrectionNotVoidable(RegistryError):
    """The entry is a later version of a certificate, and the signer knows it as the number's last."""

    def __init__(self, entry: int, version: int) -> None:
        super().__init__(
            f"entry {entry} is version {version} of its certificate: a correction is not voided; "
            "correct it once more, or revoke the certificate"
        )
        self.entry = entry
        self.version = version


class SeriesNotOpen(RegistryError):
    """Numbers are given only in series that an operator opened."""

    def __init__(self, key: str) -> None:
        super().__init__(f"series {key} is not open; open it with `certreg series open`")
        self.key = key


class OpeningNotGenuine(RegistryError):
    """The opening of a series is malformed, or its signature does not hold, or it is of another profile."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the opening of the series does not count: {why}")
        self.why = why


class EpochNotOpen(RegistryError):
    """No issuing key has entries left, so nothing can be numbered."""

    def __init__(self) -> None:
        super().__init__(
            "no epoch is open, or its entries are used up; open one with `certreg key open-epoch`"
        )


class ClockBehind(RegistryError):
    """This machine's date is before the day of the office's decision, and no certificate is dated before that."""

    def __init__(self, today: date, decided_on: date) -> None:
        super().__init__(
            f"the office decided on {decided_on}, and the clock here says {today}; set it right, or wait for that day"
        )
        self.today = today
        self.decided_on = decided_on


class NumberingHeld(RegistryError):
    """The highest numbers that were ever given are not known, so the next one is not known either."""

    def __init__(self, why: str) -> None:
        super().__init__(f"nothing is numbered: {why}")
        self.why = why


class BehindItsSigner(RegistryError):
    """The database knows fewer entries than were signed or published: it is an old copy of the register."""

    def __init__(self, last: int, known: int, witness: str) -> None:
        super().__init__(
            f"the database ends at entry {last}, {witness} knows entry {known}: this is an old copy of the register, "
            "which would give numbers twice; restore it with `certreg restore`"
        )
        self.last = last
        self.known = known


class NotACorrection(RegistryError):
    """A correction keeps the number, so body, site, level and year must stay."""

    def __init__(self, entry: int, why: str) -> None:
        super().__init__(f"entry {entry} can not be corrected by this row: {why}")
        self.entry = entry
        self.why = why


class UnknownNumber(RegistryError):
    """No certificate has this number."""

    def __init__(self, number: str) -> None:
        super().__init__(f"no certificate has the number {number}")
        self.number = number


class UnknownEntry(RegistryError):
    """The register has given no such entry."""

    def __init__(self, entry: int) -> None:
        super().__init__(f"there is no entry {entry}")
        self.entry = entry


class UnknownEpoch(RegistryError):
    """The register was never told of an epoch of this key."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(
            f"the register has no epoch of key {key_id.hex()}; `certreg key list` shows the keys, and `certreg key "
            "open-epoch` tells the register of one that the trust bundle has open"
        )
        self.key_id = key_id


class EpochUnfinished(RegistryError):
    """An epoch closes only when every number that its key was given for is signed or voided."""

    def __init__(self, key_id: bytes, waiting: int, first: int) -> None:
        super().__init__(
            f"the epoch of key {key_id.hex()} can not be closed: {waiting} numbers wait for their signatures, from "
            f"entry {first} on; sign them with `certreg issue`, or void them with `certreg void`"
        )
        self.key_id = key_id
        self.waiting = waiting
        self.first = first


class SignerMissing(RegistryError):
    """The signer that holds the key of these bytes is not at hand."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"no signer at hand holds key {key_id.hex()}")
        self.key_id = key_id


class NotAsConfirmed(RegistryError):
    """The bytes to be signed do not say what the result and the number say; somebody changed stored rows."""

    def __init__(self, entry: int, odd_column: str | None = None) -> None:
        """``odd_column`` is the column that holds what the register never stored there, if that is the reason."""
        why = "its bytes do not say what was confirmed and numbered"
        if odd_column is not None:
            why = f"its {odd_column} is stored as something else than the register stores there"
        super().__init__(f"entry {entry} is not signed: {why}")
        self.entry = entry


class TokenNotGenuine(RegistryError):
    """No signer made the token of this entry, or it is over other bytes; somebody changed stored rows.

    ``status`` is the entry's, *signed* or *reinstated*.
    """

    def __init__(self, entry: int, status: str) -> None:
        super().__init__(f"entry {entry} is not released: its token is not a signature over its bytes")
        self.entry = entry
        self.status = status
