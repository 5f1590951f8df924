"""Refusals of the backup room.

RegistryError
├── NotARecipient        the text is no age recipient
├── BackupInUse          another backup, restore or pruning works there
├── BackupMissing        there is no backup in the folder, or none of this name
├── BackupDamaged        a part of the backup is missing, or is not what was written
├── NotThisRegister      the backup was not made with this register's data key
├── NewestBehind         an older backup knows more entries than the newest: nothing is pruned
├── OtherShape           the backup has another schema than this program
├── TargetTaken          something is where the register would be restored to
├── NotAsBackedUp        the rows in the new database are not those of the backup
├── RestoreFaulty        the check of the restored register found faults
├── StatusMissing        no status file is found, and nobody said that none was ever published
├── StatusUnknown        entries are lost, and no public status says which of them were released
├── StatusContradicts    backup and public status say of an entry what can not both be true
├── NumberContradicts    the signer's journal and the database do not agree on a number
├── NoEpochFor           no issuing key is known for a lost entry
├── StatedTooLow         the highest number stated is below one that is known
├── StatedTooHigh        the highest number stated is above all that can ever have been given
├── UnknownSeries        a series was stated that the register does not have
├── NothingHeld          numbering is not held, so nothing needs to be stated
└── NotReadmitted        the token is not that of a lost entry of this register
"""

from collections.abc import Sequence

from registry.errors import RegistryError


class NotARecipient(RegistryError):
    """The text is no age recipient."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} is no recipient; write the age1… that stands in the identity file of age-keygen"
        )
        self.text = text


class NewestBehind(RegistryError):
    """An older backup knows more entries than the newest, which is then one of an old copy of the register."""

    def __init__(self, newest: str, entry: int, older: str, known: int) -> None:
        super().__init__(
            f"nothing is pruned: the newest backup {newest} ends at entry {entry}, {older} knows entry {known}, so the "
            "register that was backed up is an old copy; see docs/operations.md, Restoring"
        )
        self.newest = newest
        self.older = older


class BackupInUse(RegistryError):
    """Another backup, restore or pruning works there."""

    def __init__(self, place: object) -> None:
        super().__init__(f"another backup, restore or pruning is at work in {place}; wait for its end")
        self.place = place


class BackupMissing(RegistryError):
    """There is no backup in the folder, or none of this name."""

    def __init__(self, place: object) -> None:
        super().__init__(f"there is no backup {place}; `certreg backups FOLDER` lists what there is")
        self.place = place


class BackupDamaged(RegistryError):
    """A part of the backup is missing, or is not what was written."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(
            f"the backup is not whole: {part} {why}; run `certreg backup` anew, or take another copy"
        )
        self.part = part
        self.why = why


class NotThisRegister(RegistryError):
    """The backup was not made with this register's data key, or somebody changed its manifest."""

    def __init__(self, manifest: str) -> None:
        super().__init__(
            f"{manifest} is not a backup of the register whose data key CERTREG_DATA_KEY_FILE names, "
            "or somebody changed it"
        )
        self.manifest = manifest


class OtherShape(RegistryError):
    """The backup has another schema than this program."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"the backup's schema is {found}, this program's is {needed}: restore it with the program that made it, "
            "then bring the register up with `certreg init`"
        )
        self.found = found
        self.needed = needed


class TargetTaken(RegistryError):
    """Something is where the register would be restored to; a restore never overwrites."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place} is there already, and a restore overwrites nothing: move it away, or name another place in "
            "CERTREG_DATABASE_URL"
        )
        self.place = place


class NotAsBackedUp(RegistryError):
    """The rows in the new database are not those of the backup; nothing was restored."""

    def __init__(self, what: str) -> None:
        super().__init__(f"nothing was restored: {what} in the new database is not what was backed up")
        self.what = what


class RestoreFaulty(RegistryError):
    """The check of the restored register found faults; nothing was restored."""

    def __init__(self, findings: Sequence[str]) -> None:
        listed = "\n".join(f"  {finding}" for finding in findings)
        super().__init__(f"nothing was restored, the check found faults:\n{listed}")
        self.findings = tuple(findings)


class StatusMissing(RegistryError):
    """No status file is found anywhere, and nobody said that none was ever published; nothing was restored."""

    def __init__(self) -> None:
        super().__init__(
            "nothing was restored: no status file is found, neither in CERTREG_PUBLIC_DIR nor as the last one signed "
            "in CERTREG_KEYS_DIR, so what was revoked or suspended after the backup would be forgotten. Give the "
            "newest copy that a mirror or a verifier has with --status FILE, or say --never-published if none ever was"
        )


class StatusUnknown(RegistryError):
    """Entries are lost, and no public status says which of them were released."""

    def __init__(self, last: int, highest: int) -> None:
        super().__init__(
            f"entries {last + 1} to {highest} are not in the backup, and no status file says which of them were "
            "released: give the newest copy that anybody has with --status, or --never-published if none ever was"
        )
        self.last = last
        self.highest = highest


class StatusContradicts(RegistryError):
    """Backup and public status say of an entry what can not both be true."""

    def __init__(self, entry: int, stored: str, public: str) -> None:
        super().__init__(
            f"entry {entry} is {stored} in the database and {public} in the public status: both are final, so one of "
            "them was changed by somebody"
        )
        self.entry = entry
        self.stored = stored
        self.public = public


class NumberContradicts(RegistryError):
    """The signer's journal and the database do not agree on a number."""

    def __init__(self, entry: int, why: str) -> None:
        super().__init__(f"entry {entry} of the signer's journal does not fit this register: {why}")
        self.entry = entry
        self.why = why


class NoEpochFor(RegistryError):
    """No issuing key is known for a lost entry."""

    def __init__(self, entry: int) -> None:
        super().__init__(
            f"no issuing key is known for entry {entry}: "
            "put the trust bundle back (trust/keys.cbor in CERTREG_KEYS_DIR)"
        )
        self.entry = entry


class StatedTooLow(RegistryError):
    """The highest number stated is below one that is known."""

    def __init__(self, what: str, stated: int, known: int) -> None:
        super().__init__(
            f"{what}: {stated} was stated as the highest number, but {known} is known to be given"
        )
        self.what = what
        self.stated = stated
        self.known = known


class StatedTooHigh(RegistryError):
    """The highest number stated is above all that can ever have been given; nothing was raised."""

    def __init__(self, what: str, stated: int, most: int) -> None:
        super().__init__(
            f"{what}: {stated} was stated as the highest number, but none above {most} can have been given, as far as "
            "this register and its trust bundle know; nothing was raised"
        )
        self.what = what
        self.stated = stated
        self.most = most


class UnknownSeries(RegistryError):
    """A series was stated that the register does not have."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"there is no series {key}; open it with `certreg series open`, then state its highest number"
        )
        self.key = key


class NothingHeld(RegistryError):
    """Numbering is not held, so nothing needs to be stated."""

    def __init__(self) -> None:
        super().__init__(
            "the register knows its highest numbers; nothing needs to be stated, and nothing was raised"
        )


class NotReadmitted(RegistryError):
    """The token is not that of a lost entry of this register."""

    def __init__(self, entry: int, why: str) -> None:
        super().__init__(f"the token of entry {entry} is not readmitted: {why}")
        self.entry = entry
        self.why = why
