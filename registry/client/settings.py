"""Where the register is and which keys are used: from the environment, else from a file in TOML.

::

    url = "https://register.example"
    environment = "production"
    access_key = "~/.certreg/access.pem"
    submission_key = "~/.certreg/submission.age"

No secret stands in it: keys are files of their own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry.client.errors import SettingMissing, WrongUse

PREFIX: Final = "CERTREG_CLIENT_"
CONFIG: Final = PREFIX + "CONFIG"
PRODUCTION: Final = "production"
WHAT: Final = {
    "url": "登记系统的地址",
    "environment": "登记系统的环境",
    "ca": "CA 证书文件",
    "certificate": "TLS 客户端证书文件",
    "access_key": "访问密钥文件",
    "submission_key": "报送密钥文件",
    "administration_key": "管理密钥文件",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set, by member; a value that is asked for and missing raises ``SettingMissing``."""

    values: Mapping[str, str]

    @property
    def url(self) -> str:
        """The register's address."""
        return self._needed("url")

    @property
    def environment(self) -> str:
        """Which register it is; part of every signature, so that one for a trial counts in no other."""
        return self.values.get("environment", PRODUCTION)

    @property
    def ca(self) -> Path | None:
        """The certificates that TLS is verified by; ``None`` for those of this machine."""
        return self._file("ca")

    @property
    def certificate(self) -> Path | None:
        """The certificate with its key that TLS is opened with; ``None`` where the register asks for none."""
        return self._file("certificate")

    def key(self, purpose: str) -> Path:
        """Return the file of the ``access``, ``submission`` or ``administration`` key."""
        return Path(self._needed(f"{purpose}_key")).expanduser()

    def _file(self, member: str) -> Path | None:
        found = self.values.get(member)
        return None if found is None else Path(found).expanduser()

    def _needed(self, member: str) -> str:
        found = self.values.get(member)
        if not found:
            raise SettingMissing(PREFIX + member.upper(), member, WHAT[member])
        return found


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; ``CERTREG_CLIENT_CONFIG`` names another file than the usual one, which must be there then."""
    named = environ.get(CONFIG)
    home = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".config"
    path = Path(named) if named else Path(home) / "certreg-client.toml"
    values = _read(path, needed=bool(named))
    given = {member: environ.get(PREFIX + member.upper(), "") for member in WHAT}
    return Settings({**values, **{member: value for member, value in given.items() if value}})


def _read(path: Path, *, needed: bool) -> dict[str, str]:
    try:
        if not needed and not path.is_file():
            return {}
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise WrongUse(f"设置文件 {path} 无法读取：{fault}") from None
    strange = [name for name, value in found.items() if name not in WHAT or not isinstance(value, str)]
    if strange:
        raise WrongUse(f"设置文件 {path} 中的 {'、'.join(strange)} 不是已知的设置；可用 {'、'.join(WHAT)}")
    return found
