"""Why a key could not be used, kept or published.

    KeysError
    ├── KeyUnavailable            the key can not be read or opened; nothing was signed
    │   ├── KeyFileExposed        others may read or change the file or its folder
    │   ├── KeyFileDamaged        the file does not hold the key that its name promises
    │   ├── WrongIdentity         the file is sealed to another identity or passphrase
    │   ├── SigningProcessLost    a process of the signing pool died, hung or spoke nonsense
    │   ├── HsmUnavailable        the HSM's module or token does not do what it was asked
    │   │   ├── HsmModuleMissing  the module, or the library that speaks to it, is not there
    │   │   ├── HsmTokenMissing   the module shows no token of this label, or several
    │   │   ├── HsmSessionLost    the token was removed or ended its session, also the one opened anew
    │   │   └── PinRefused        the token does not take the PIN, or it may not be tried
    │   ├── HsmKeyMissing         the token holds no such key
    │   ├── HsmKeyDamaged         what the token holds is not the key that its label promises
    │   └── KeyExtractable        the private key could leave the token, or has been outside it
    ├── KeyExists                 something lies where a key, root or journal would be written
    ├── CorruptSignature          the key gave a signature that does not verify
    ├── BytesChanged              the bytes in memory are no longer those that the journal recorded
    ├── SignerUnreachable         the signer's program can not be asked, or could not use its key or journal
    ├── SigningRefused            the signer will not sign these bytes
    │   ├── RefusedBySigner       the same, said by a signer in another program
    │   ├── RequestTooLong        a request that no frame to a signer in another program can hold
    │   ├── NotForThisSigner      not a certificate, or for another key or environment
    │   ├── EvidenceRefused       what comes with the bytes does not show that they may be signed
    │   ├── OutsideEpoch          the entry or date is not one that this key may sign
    │   ├── OtherContentForEntry  the entry was signed with other bytes
    │   ├── NumberTaken           the number was signed for another entry
    │   └── WrongCorrection       the entry named as corrected is not the number's last one
    ├── JournalUnavailable        the signer's journal can not be opened or written; nothing was signed
    │   └── JournalDamaged        the journal is not what was written
    ├── NotEnoughRoots            fewer root keys than the threshold
    ├── NotEnoughCustodians       fewer custodian keys in good standing than the threshold
    ├── EpochStillOpen            an epoch is open (or one is already waiting)
    ├── MemoryDamaged             the memory of the last status can not be read
    ├── LogMemoryMissing          the log's memory is not there: nobody knows what the log signed last
    ├── LogMemoryDamaged          the log's memory can not be read, or is not what the log signed
    ├── LogMoved                  another program let the log grow meanwhile
    ├── UnlawfulStatus            the new status file takes back what the last one said
    ├── UnlawfulSuccession        the new trust bundle takes back or widens what the last one said
    ├── WentBackwards             an older version than the one kept
    ├── UnsoundMetadata           distribution metadata that a client would refuse
    ├── WitnessError              a checkpoint is not cosigned
    │   ├── WitnessAhead          the witness saw a tree of another size than the log believes
    │   ├── WitnessRefused        the witness answered that it will not
    │   ├── WitnessUnreachable    the witness can not be asked, or gave no proper answer
    │   ├── HeadLost              a witness does not know any more what it last saw of a log
    │   └── SeedRefused           what a witness last saw can not be told from these checkpoints
    └── CrashPointRefused         a crash point that does not exist, or in production

Inert: no logging. No error of this tree carries a private key, a seed, a passphrase, an identity or a
signature that failed, in text, attributes, cause or context: whoever raises one does so after the ``except``
block has ended, in a frame that holds no secret.
"""

from __future__ import annotations

from pathlib import Path


class KeysError(Exception):
    """The family of this package's refusals."""


class KeyUnavailable(KeysError):
    """The key can not be read or opened, so nothing was signed. There is no fallback key.

    ``path`` is the file or folder, or the ``pkcs11:`` URI (RFC 7512) of what lies in an HSM.
    """

    def __init__(self, path: Path | str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class KeyFileExposed(KeyUnavailable):
    """Others than the owner may read or change the file, or the folder that holds it."""


class KeyFileDamaged(KeyUnavailable):
    """The file does not hold the key that its name and its public part promise."""


class WrongIdentity(KeyUnavailable):
    """The file is sealed to another identity or passphrase (a damaged header looks the same)."""


class SigningProcessLost(KeyUnavailable):
    """A process of the signing pool died, did not answer in time, or did not say what it should.

    Nobody got a signature of this call. Asking again is lawful: new processes are started, and give the same
    signatures.
    """


class HsmUnavailable(KeyUnavailable):
    """The HSM's module or token does not do what it was asked; what the module said is in the reason."""


class HsmModuleMissing(HsmUnavailable):
    """The module's file can not be loaded, or the Python library that speaks to modules is not installed."""


class HsmTokenMissing(HsmUnavailable):
    """The module shows no token of this label, or more than one."""


class HsmSessionLost(HsmUnavailable):
    """The token was removed, or ended the session, and so did the session that was opened in its place."""


class PinRefused(HsmUnavailable):
    """The token does not take the PIN, or only one try is left, which is not spent unattended.

    How many tries are left is said as far as the token tells it.
    """


class HsmKeyMissing(KeyUnavailable):
    """The token holds no such key."""


class HsmKeyDamaged(KeyUnavailable):
    """What the token holds under the label is not the key that it promises, or is there twice."""


class KeyExtractable(KeyUnavailable):
    """The token says that the private key could leave it, has been outside it, or needs no PIN."""


class KeyExists(KeysError):
    """Something lies where a key, a pinned root or a journal would be written; none is ever overwritten."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(f"{path}: exists already, and is never overwritten")
        self.path = path


class CorruptSignature(KeysError):
    """The key gave a signature that does not verify.

    The signature is not carried: a faulty Ed25519 signature beside a good one gives the private key away.
    """

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"key {key_id.hex()} gave a signature that does not verify; it was thrown away")
        self.key_id = key_id


class BytesChanged(KeysError):
    """Bytes changed in memory between the journal's record and the signature, which was thrown away."""

    def __init__(self, digest: bytes) -> None:
        super().__init__(f"the bytes signed are not those of the recorded digest {digest.hex()}")
        self.digest = digest


class SigningRefused(KeysError):
    """The signer will not sign these bytes; of its batch nothing was signed."""


class RefusedBySigner(SigningRefused):
    """A signer in another program refused; ``kind`` is the name of its own error."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class RequestTooLong(SigningRefused):
    """The request does not fit into one frame to the signer's program; a part of it may."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"the request has {size} bytes, and the signer takes {most} at once")
        self.size = size
        self.most = most


class NotForThisSigner(SigningRefused):
    """The bytes are not a certificate's, or are for another key or environment."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class EvidenceRefused(SigningRefused):
    """What comes with the bytes does not show that they may be signed.

    ``entry`` is ``None`` where the evidence of a whole submission does not count.
    """

    def __init__(self, why: str, entry: int | None = None) -> None:
        super().__init__(why if entry is None else f"entry {entry}: {why}")
        self.why = why
        self.entry = entry


class OutsideEpoch(SigningRefused):
    """The entry is not in the key's block, or the issue date is later than the key's last day."""

    def __init__(self, entry: int, why: str) -> None:
        super().__init__(f"entry {entry}: {why}")
        self.entry = entry
        self.why = why


class OtherContentForEntry(SigningRefused):
    """The entry was signed before, with other bytes."""

    def __init__(self, entry: int) -> None:
        super().__init__(f"entry {entry} was signed before with other bytes")
        self.entry = entry


class NumberTaken(SigningRefused):
    """The number was signed for another entry, and the request names no correction."""

    def __init__(self, entry: int, earlier: int) -> None:
        super().__init__(f"entry {entry}: its number was signed before, as entry {earlier}")
        self.entry = entry
        self.earlier = earlier


class WrongCorrection(SigningRefused):
    """The entry named as corrected is not the last one signed for this number."""

    def __init__(self, entry: int, corrects: int) -> None:
        super().__init__(f"entry {entry} can not correct entry {corrects}: not the last of its number")
        self.entry = entry
        self.corrects = corrects


class SignerUnreachable(KeysError):
    """The signer's program can not be asked, or could not use its key or journal. Asking again is lawful."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the signer at {path}: {why}")
        self.path = path
        self.why = why


class JournalUnavailable(KeysError):
    """The signer's journal can not be opened or written. Without its record nothing is signed."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class JournalDamaged(JournalUnavailable):
    """A line of the signer's journal is not what was written."""

    def __init__(self, path: Path, line: int) -> None:
        super().__init__(path, f"line {line} is not what the signer wrote")
        self.line = line


class NotEnoughRoots(KeysError):
    """Fewer different keys of the root than its threshold; ``kind`` says which of its keys are meant."""

    def __init__(self, given: int, threshold: int, *, kind: str = "root keys") -> None:
        super().__init__(f"{given} {kind} given, {threshold} needed")
        self.given = given
        self.threshold = threshold


class NotEnoughCustodians(KeysError):
    """Fewer different custodian keys in good standing than their threshold."""

    def __init__(self, given: int, threshold: int) -> None:
        super().__init__(f"{given} custodian keys in good standing given, {threshold} needed")
        self.given = given
        self.threshold = threshold


class EpochStillOpen(KeysError):
    """An epoch is open, or one is already waiting for its turn."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"epoch of key {key_id.hex()} is still open")
        self.key_id = key_id


class UnlawfulSuccession(KeysError):
    """The new trust bundle takes back, changes or widens what the last one said."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class MemoryDamaged(KeysError):
    """The memory of the last status that was signed can not be read: what may follow it can not be told."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path}, the last status that was signed, is damaged ({why}); put it back from a backup of the keys"
        )
        self.path = path
        self.why = why


class LogMemoryMissing(KeysError):
    """The log's memory is not there. A new one would let the log sign another history, so none is made."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}, the public log's memory, is missing; put it back from a backup of the keys"
        )
        self.path = path


class LogMemoryDamaged(KeysError):
    """The log's memory can not be read: what the log signed last can not be told."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path}, the public log's memory, is damaged ({why}); put it back from a backup of the keys"
        )
        self.path = path
        self.why = why


class LogMoved(KeysError):
    """The log grew meanwhile by another program's hand; whoever finds this looks again."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: another program let the public log grow; look again")
        self.path = path


class UnlawfulStatus(KeysError):
    """The status would revive what is final, or forget what was known. Somebody changed the register's rows."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this status may not be published: {why}")
        self.why = why


class WentBackwards(KeysError):
    """The file's version is not newer than the one kept."""

    def __init__(self, path: Path, kept: int, offered: int) -> None:
        super().__init__(f"{path}: version {kept} is kept, version {offered} was offered")
        self.path = path
        self.kept = kept
        self.offered = offered


class UnsoundMetadata(KeysError):
    """Distribution metadata that no client would accept; it is neither kept nor published."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"metadata {name}: {why}")
        self.name = name
        self.why = why


class WitnessError(KeysError):
    """A checkpoint is not cosigned."""


class WitnessAhead(WitnessError):
    """The witness last saw a tree of ``size`` leaves, not of the size that it was told.

    Larger than the log's own tree: the log is an old copy, and must not go on.
    """

    def __init__(self, size: int) -> None:
        super().__init__(f"the witness last saw a tree of {size} leaves")
        self.size = size


class WitnessRefused(WitnessError):
    """The witness will not cosign. ``status`` is that of HTTP, ``why`` the witness's own words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"the witness refuses ({status}): {why}")
        self.status = status
        self.why = why


class WitnessUnreachable(WitnessError):
    """The witness can not be asked, or its answer is none. Asking again is lawful."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the witness {where}: {why}")
        self.where = where
        self.why = why


class HeadLost(WitnessError):
    """What the witness last saw of a log it trusts is missing or damaged; it cosigns nothing of this log."""

    def __init__(self, origin: str, why: str) -> None:
        super().__init__(
            f"what this witness last saw of {origin} {why}; it cosigns nothing of it until its operator has seeded it "
            "from two mirrors"
        )
        self.origin = origin
        self.why = why


class SeedRefused(WitnessError):
    """Two checkpoints do not tell what a witness last saw, or it has lost nothing."""

    def __init__(self, origin: str, why: str) -> None:
        super().__init__(f"{origin}: {why}")
        self.origin = origin
        self.why = why


class CrashPointRefused(KeysError):
    """The crash point does not exist, can not be armed in this way, or the environment is ``production``."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"crash point {name}: {why}")
        self.name = name
        self.why = why
