"""What the rows are held against: profiles, trust bundle, secrets; and where each of them lies.

Everything is opened once for each process and nothing is written. What is missing is not a finding but a part that was
skipped, and the report says so.
"""

from dataclasses import dataclass, field
from pathlib import Path

from keys.errors import KeysError
from keys.roots import read_pinned_root
from keys.trust_home import TrustHome
from registry.audit.finding import Finding, Kind, Part, Skipped
from registry.directory.profiles import Profiles, load_profiles
from registry.foundation.charter import is_same_secret
from registry.foundation.tables import Charter
from registry.personal_data import Matcher, Sealer, SecretFileUnusable, read_secret
from signing.errors import SigningError
from signing.log.checkpoint import LogPolicy
from signing.root import Root
from signing.trust import TrustKeys, TrustNames

FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where an installation keeps what is not in its database.

    ``trust_folder`` is the keys' own copy of the trust bundle, ``status_memory`` the last status that was signed,
    ``roster`` the signer's roster, ``log_memory`` what the public log signed last.
    """

    environment: str
    data_key_file: Path
    lookup_key_file: Path
    root_file: Path
    trust_folder: Path
    status_memory: Path
    signer_journal: Path
    public_dir: Path
    roster: Path | None = None
    log_memory: Path | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was opened; ``None`` for what is not there or does not verify."""

    environment: str
    profiles: Profiles
    root: Root | None = None
    trust: TrustKeys | None = None
    names: TrustNames | None = None
    sealer: Sealer | None = None
    matcher: Matcher | None = None
    findings: tuple[Finding, ...] = field(default=(), compare=False)
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)

    @property
    def policy(self) -> LogPolicy | None:
        """The public log that grows, ``None`` if the trust bundle is not known or names none."""
        return self.trust.logs[-1] if self.trust is not None and self.trust.logs else None


def open_evidence(places: Places, charter: Charter | None) -> Evidence:
    """Open everything that is there.

    ``charter`` tells whether the secrets are the founding ones; ``None`` where nobody knows.
    """
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    root, trust, names = _open_trust(places, findings, skipped)
    checks = (charter.data_key_check, charter.lookup_key_check) if charter else (None, None)
    data_key = _secret(places.data_key_file, checks[0], findings, skipped)
    lookup_key = _secret(places.lookup_key_file, checks[1], findings, skipped)
    return Evidence(
        places.environment,
        load_profiles(),
        root,
        trust,
        names,
        None if data_key is None else Sealer(data_key),
        None if lookup_key is None else Matcher(lookup_key),
        tuple(findings),
        tuple(skipped),
    )


def _open_trust(
    places: Places, findings: list[Finding], skipped: list[Skipped]
) -> tuple[Root | None, TrustKeys | None, TrustNames | None]:
    try:
        root = read_pinned_root(places.root_file)
    except (KeysError, SigningError) as error:
        skipped.append(Skipped(Part.SIGNATURES, f"no pinned root: {error}"))
        return None, None, None
    home = TrustHome(places.trust_folder, root)
    trust: TrustKeys | None = None
    names: TrustNames | None = None
    try:
        trust = home.trust_keys()
    except (KeysError, SigningError) as error:
        findings.append(Finding(Kind.PUBLIC, FILE, str(home.keys_path), f"does not verify: {error}"))
    try:
        names = home.trust_names()
    except (KeysError, SigningError) as error:
        findings.append(Finding(Kind.PUBLIC, FILE, str(home.names_path), f"does not verify: {error}"))
    if trust is None:
        skipped.append(Skipped(Part.SIGNATURES, f"no trust bundle at {home.keys_path}"))
    elif trust.environment != places.environment:
        skipped.append(Skipped(Part.SIGNATURES, "the trust bundle is of another environment"))
        trust = None
    return root, trust, names


def _secret(path: Path, check: bytes | None, findings: list[Finding], skipped: list[Skipped]) -> bytes | None:
    try:
        secret = read_secret(path)
    except SecretFileUnusable as error:
        skipped.append(Skipped(Part.SEALED, str(error)))
        return None
    if check is not None and not is_same_secret(check, secret):
        what = f"{path.name} is not the secret that the register was founded with"
        findings.append(Finding(Kind.SEALED, "charter", "1", what))
    return secret
