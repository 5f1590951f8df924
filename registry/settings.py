"""The settings: environment variables ``CERTREG_*``, read once at the edge into one frozen value.

Nothing below the edge reads the environment. The settings hold paths of secrets, never secrets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from environs import Env, EnvValidationError, ValidationError, validate

from registry.database.engine import Limits
from registry.errors import RegistryError
from signing.freshness import LOOSEST_DAYS, MAX_DAYS, NOTE_DAYS

PREFIX = "CERTREG_"

# Certificates of any other environment have no effect, and say so.
PRODUCTION = "production"

# Who tries both on one machine has the settings of `certreg-client` beside the register's.
OF_THE_CLIENT = PREFIX + "CLIENT_"
# Read by the tests alone.
OF_TESTS = frozenset({PREFIX + "TEST_POSTGRESQL", PREFIX + "SCREENSHOTS", PREFIX + "CRASH_AT"})

# The host of a prefix may be anything; lower case, because some phones take only that for a link.
QR_PREFIX = validate.Regexp(
    r"^https?://[a-z0-9.:-]+(/[a-z0-9._~/-]*)?#$", error="write it like https://dte.example/v#"
)
ENVIRONMENT = validate.Regexp(
    r"^[a-z0-9-]{1,16}$", error="1 to 16 of a-z, 0-9 and hyphen, such as production or demo"
)
# PKCS#11 gives a label 32 bytes.
TOKEN_LABEL = validate.Length(min=1, max=32, error="write the token's label, 1 to 32 characters")
WITNESS_URL = re.compile(
    r"([^\s,+=]{1,255}=)?https?://[A-Za-z0-9.-]+(:[1-9][0-9]{0,3}|:[1-5][0-9]{4})?(/[A-Za-z0-9._~/-]*)?"
)
SECONDS = validate.Range(min=0, min_inclusive=False, error="write a number of seconds above 0")
AGES = "write whole days from 1 to 365, CERTREG_STATUS_NOTE_AGE_DAYS not above CERTREG_STATUS_MAX_AGE_DAYS"
REQUESTS = "write a whole number of requests from 1 to 1000000"
HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*")
NOT_EMPTY = validate.Length(min=1, error="write a value, or leave the variable out")


class KeyBackend(StrEnum):
    """Where the issuing and status keys are kept: sealed files, or the token of a PKCS#11 module."""

    FILES = "files"
    PKCS11 = "pkcs11"


class SettingsError(RegistryError):
    """Settings are wrong or missing; every faulty variable is named, with what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        lines = [f"{variable}: {remedy}" for variable, remedy in sorted(faults.items())]
        super().__init__("\n".join(["correct these environment variables:", *lines]))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation chose. Paths are as given; a relative one counts from the working directory."""

    database_url: str
    public_dir: Path
    keys_dir: Path
    # Files with secrets: the age identity that opens the keys, the key of sealed personal data, and the
    # key of the lookup digests. `certreg init` makes them; they may be missing where nothing needs them.
    key_identity_file: Path
    data_key_file: Path
    lookup_key_file: Path
    # Where a worker opens photo archives while it looks through them: files without a name, gone with the worker.
    work_dir: Path
    # Where new issuing and status keys are made. Of an HSM: the module's file (``None`` if there is none), the label
    # of its token, and the file with the PIN of the token's user.
    key_store: KeyBackend
    pkcs11_module: Path | None
    pkcs11_token: str
    pkcs11_pin_file: Path
    # The pinned root that everything published must verify against.
    root_file: Path
    # Where the signer's program listens; ``None`` where the register's own process signs.
    signer_socket: Path | None
    # The witness in the register's own process, and the URLs of those that are asked in its place, if there are any.
    witness_dir: Path
    witnesses: tuple[str, ...]
    # How old a status the public site takes for an answer, and from when on it says so.
    status_note_age_days: int
    status_max_age_days: int
    # Names by which the staff application is asked for besides those of this machine, and what a body may ask a minute.
    staff_hosts: tuple[str, ...]
    api_requests_per_minute: int
    environment: str
    qr_prefix: str
    lock_timeout_seconds: float
    statement_timeout_seconds: float
    idle_timeout_seconds: float

    @property
    def limits(self) -> Limits:
        """How long a connection to the store may wait or work."""
        return Limits(
            lock_seconds=self.lock_timeout_seconds,
            statement_seconds=self.statement_timeout_seconds,
            idle_in_transaction_seconds=self.idle_timeout_seconds,
        )

    def to_environ(self) -> dict[str, str]:
        """Return the settings as environment variables, for a process that is started with them."""
        values = {PREFIX + field.name.upper(): _text_of(getattr(self, field.name)) for field in fields(self)}
        return {name: text for name, text in values.items() if text}

    def for_public_side(self) -> dict[str, str]:
        """Return the variables that the public side reads: no key folder, no identity, no data key."""
        kept = ["database_url", "public_dir", "lookup_key_file", "root_file"]
        kept += ["status_note_age_days", "status_max_age_days"]
        environ = self.to_environ()
        return {PREFIX + name.upper(): environ[PREFIX + name.upper()] for name in kept}


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from ``environ``; raise ``SettingsError`` that names every faulty variable."""
    unknown = dict.fromkeys(_unknown(environ), "no such setting; see the README's list")
    if unknown:
        raise SettingsError(unknown)
    env = _Reader(environ)
    max_age = env.int("STATUS_MAX_AGE_DAYS", MAX_DAYS, validate=validate.Range(1, LOOSEST_DAYS, error=AGES))
    most = max_age or LOOSEST_DAYS
    settings = Settings(
        database_url=env.str("DATABASE_URL", "sqlite:///var/register.sqlite3", validate=NOT_EMPTY),
        public_dir=env.path("PUBLIC_DIR", Path("var/public"), validate=_is_named),
        keys_dir=env.path("KEYS_DIR", Path("var/keys"), validate=_is_named),
        key_identity_file=env.path("KEY_IDENTITY_FILE", Path("var/secrets/identity.txt"), validate=_is_named),
        data_key_file=env.path("DATA_KEY_FILE", Path("var/secrets/data.key"), validate=_is_named),
        lookup_key_file=env.path("LOOKUP_KEY_FILE", Path("var/secrets/lookup.key"), validate=_is_named),
        work_dir=env.path("WORK_DIR", Path("var/work"), validate=_is_named),
        key_store=env.enum("KEY_STORE", KeyBackend.FILES, enum=KeyBackend, by_value=True),
        pkcs11_module=env.path("PKCS11_MODULE", None, validate=_is_named),
        pkcs11_token=env.str("PKCS11_TOKEN", "certreg", validate=TOKEN_LABEL),
        pkcs11_pin_file=env.path("PKCS11_PIN_FILE", Path("var/secrets/hsm-pin.age"), validate=_is_named),
        root_file=env.path("ROOT_FILE", Path("var/trusted-root.json"), validate=_is_named),
        signer_socket=env.path("SIGNER_SOCKET", None, validate=_is_named),
        witness_dir=env.path("WITNESS_DIR", Path("var/witness"), validate=_is_named),
        witnesses=tuple(env.list("WITNESSES", [], validate=_are_urls) or ()),
        status_note_age_days=env.int(
            "STATUS_NOTE_AGE_DAYS", min(NOTE_DAYS, most), validate=validate.Range(1, most, error=AGES)
        ),
        status_max_age_days=max_age,
        staff_hosts=tuple(env.list("STAFF_HOSTS", [], validate=_are_hosts) or ()),
        api_requests_per_minute=env.int(
            "API_REQUESTS_PER_MINUTE", 600, validate=validate.Range(1, 1_000_000, error=REQUESTS)
        ),
        environment=env.str("ENVIRONMENT", PRODUCTION, validate=ENVIRONMENT),
        qr_prefix=env.str("QR_PREFIX", "https://dte.example/v#", validate=QR_PREFIX),
        lock_timeout_seconds=env.float("LOCK_TIMEOUT_SECONDS", 10.0, validate=SECONDS),
        statement_timeout_seconds=env.float("STATEMENT_TIMEOUT_SECONDS", 60.0, validate=SECONDS),
        idle_timeout_seconds=env.float("IDLE_TIMEOUT_SECONDS", 60.0, validate=SECONDS),
    )
    try:
        env.seal()
    except EnvValidationError as refused:
        raise SettingsError(_by_variable(refused)) from None
    if settings.key_store is KeyBackend.PKCS11 and settings.pkcs11_module is None:
        raise SettingsError({f"{PREFIX}PKCS11_MODULE": "name the file of the HSM's module (a .so)"})
    return settings


def _text_of(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _unknown(environ: Mapping[str, str]) -> list[str]:
    """Return the names that look like settings and are none: a misspelt one would be ignored in silence."""
    known = {PREFIX + field.name.upper() for field in fields(Settings)} | OF_TESTS
    ours = (name for name in environ if name.startswith(PREFIX) and not name.startswith(OF_THE_CLIENT))
    return [name for name in ours if name not in known]


def _by_variable(refused: EnvValidationError) -> dict[str, str]:
    # Nothing of a value is repeated: it may be a secret in the wrong place.
    faults: Any = refused.error_messages
    return {variable: "; ".join(why) for variable, why in faults.items()}


class _Reader(Env):
    """An ``Env`` that reads the mapping it is given and collects all its faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(eager=False, prefix=PREFIX)
        self._given = environ

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self._given.get(env_key, default)


def _are_urls(urls: list[str]) -> None:
    if any(not WITNESS_URL.fullmatch(url) for url in urls) or len(set(urls)) != len(urls):
        raise ValidationError(
            "write URLs, or NAME=URL, with commas between them, like https://witness.example/w1"
        )


def _are_hosts(hosts: list[str]) -> None:
    if any(not HOST.fullmatch(host) for host in hosts):
        raise ValidationError("write host names in lower case, without port, with commas between them")


def _is_named(path: Path) -> None:
    # An empty variable would mean the working directory, which nobody meant.
    if path == Path():
        raise ValidationError("write a path, or leave the variable out")
