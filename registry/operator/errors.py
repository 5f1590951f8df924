"""Refusals of the operator's door.

RegistryError
├── NotFounded          this register has no keys or no registrar yet
├── FoundedAlready      the register has its keys; another founding would do nothing
├── WitnessesUnset      the trust bundle names witnesses, and nothing says where they answer
├── NoHsm               the keys are kept in files, so there is no token
├── AmbiguousActor      several accounts may act as registrar; name one
├── UnknownAccount      no account has this id
├── UnknownSubmission   no submission has this id
├── UnknownScope        a role would be given for a body or province that there is not
├── StatusUnverifiable  a status file is there, and no trust bundle to verify it with
├── NotLoopback         the staff pages would be reachable from other machines
├── PortTaken           something else listens where a site should
├── SiteEnded           a site ended by itself while it was served
└── NotForDemo          the demo would play in a register that is in use
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from registry.errors import RegistryError


class NotFounded(RegistryError):
    """Something is used before it was made."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"there is no {what} yet; {remedy}")
        self.what = what


class FoundedAlready(RegistryError):
    """The register has its keys; another founding would do nothing, and must not look as if it had."""

    def __init__(self, root_file: object) -> None:
        super().__init__(
            f"the keys of this register exist already ({root_file}); nothing was done, and nothing was written to "
            "these folders"
        )


class WitnessesUnset(RegistryError):
    """The trust bundle names witnesses of the log, the settings do not say where they answer, and none is here."""

    def __init__(self, names: Sequence[str], folder: object) -> None:
        whose = "witness" if len(names) == 1 else "witnesses"
        super().__init__(
            f"the trust bundle names the {whose} {', '.join(names)}, and {folder} holds none; set CERTREG_WITNESSES to "
            "NAME=URL of it (several with commas between them)"
        )
        self.names = tuple(names)


class NoHsm(RegistryError):
    """A command for the token of an HSM, where keys are kept in files."""

    def __init__(self) -> None:
        super().__init__("the keys are kept in files; CERTREG_KEY_STORE=pkcs11 would keep them in a token")


class AmbiguousActor(RegistryError):
    """Several accounts may act as registrar, and the command can not know which one does."""

    def __init__(self, registrars: Mapping[UUID, str]) -> None:
        listed = "\n".join(f"  {account}  {name}" for account, name in registrars.items())
        super().__init__(f"several registrars; name one with `certreg --as ACCOUNT …`:\n{listed}")
        self.registrars = dict(registrars)


class UnknownAccount(RegistryError):
    """No account has this id."""

    def __init__(self, account: UUID) -> None:
        super().__init__(f"there is no account {account}; `certreg account list` shows them")
        self.account = account


class UnknownSubmission(RegistryError):
    """No submission has this id."""

    def __init__(self, submission: UUID) -> None:
        super().__init__(f"there is no submission {submission}; `certreg submissions` lists them")
        self.submission = submission


class UnknownScope(RegistryError):
    """A role would be given in a scope that there is not."""

    def __init__(self, role: str, scope: str, remedy: str) -> None:
        super().__init__(f"{role}:{scope} would be a role over nothing; {remedy}")
        self.role = role
        self.scope = scope


class StatusUnverifiable(RegistryError):
    """A status file is there, and no trust bundle to verify it with: what it says may not be passed over."""

    def __init__(self, root_file: object, keys_dir: object) -> None:
        super().__init__(
            f"there is a status file, and no trust bundle to verify it with: put the pinned root ({root_file}) and "
            f"trust/keys.cbor (in {keys_dir} or the public folder) back"
        )
        self.root_file = root_file


class OtherCeremony(RegistryError):
    """Another ceremony was begun and is not finished, or this one was begun with other words."""

    def __init__(self, kind: str, key_id: bytes, begun_at: datetime) -> None:
        command = {"distrust": "distrust", "close_epoch": "close-epoch", "retire": "retire"}[kind]
        super().__init__(
            f"a ceremony that was begun at {begun_at:%Y-%m-%dT%H:%M:%SZ} is not finished; finish it first, with the "
            f"options it was begun with (or with none of them): certreg key {command} {key_id.hex()} …"
        )
        self.kind = kind
        self.key_id = key_id


class IntentUnreadable(RegistryError):
    """The file that says what an unfinished ceremony was to do can not be read."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path} should say which ceremony is unfinished, and can not be read; see what `certreg key list` and "
            "`certreg check` say, then move the file away and run the ceremony again"
        )


class NotThisCeremony(RegistryError):
    """The ceremony is not for this key, or not for a key in this state."""

    def __init__(self, key_id: bytes, why: str) -> None:
        super().__init__(f"key {key_id.hex()}: {why}")
        self.key_id = key_id
        self.why = why


class OnlyStatusKey(RegistryError):
    """The key is the only one that can sign the status; without another, nothing could be published any more."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(
            f"key {key_id.hex()} is the only status key in use: give --replace, which makes another one in the same "
            "ceremony"
        )
        self.key_id = key_id


class AlarmAhead(RegistryError):
    """A key can not have been stolen in the future."""

    def __init__(self, alarm: datetime) -> None:
        super().__init__(
            f"--alarm {alarm:%Y-%m-%dT%H:%M:%S%z} is later than now: give the instant from which on the key may have "
            "been in other hands"
        )
        self.alarm = alarm


class NotLoopback(RegistryError):
    """The staff pages ask nobody who he is, so they are for this machine alone."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the staff pages can not be served on {host}: people can not sign in yet; use 127.0.0.1 and a tunnel"
        )
        self.host = host


class PortTaken(RegistryError):
    """A site can not be served where it should be."""

    def __init__(self, site: str, host: str, port: int, why: str) -> None:
        super().__init__(
            f"the {site} site can not be served at {host} port {port} ({why}); choose another --{site}-port"
        )
        self.site = site
        self.port = port


class SiteEnded(RegistryError):
    """A site ended by itself, so the other one was stopped."""

    def __init__(self, site: str, code: int) -> None:
        super().__init__(
            f"the {site} site ended by itself (code {code}); both are stopped now, the cause stands above"
        )
        self.site = site
        self.code = code


class NotForDemo(RegistryError):
    """The demo is for a throw-away register, and this place holds something else."""

    def __init__(self, place: str, remedy: str) -> None:
        super().__init__(f"the demo does not play in {place}: {remedy}")
        self.place = place
