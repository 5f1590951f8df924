"""The media that custodians bring to a ceremony: how they are named on the command line, and what seals their keys."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from keys.custodians import CustodianMedium
from keys.roots import RootMedium
from keys.sealing import Passphrase, Seal
from registry.operator.desk import Desk
from registry.operator.parameters import KeyId
from signing.root import Root

FC = TypeVar("FC", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Sealing:
    """How the keys on media are sealed: by the register's identity, or by passphrases asked for one by one.

    ``confirm`` says that the passphrases are new ones, each to be typed twice.
    """

    desk: Desk
    passphrase: bool
    confirm: bool = False

    def roots(self, folders: Collection[Path]) -> list[RootMedium]:
        """Return the media of root keys."""
        return [RootMedium(folder, self._seal("root", folder)) for folder in folders]

    def custodians(self, folders: Collection[Path]) -> list[CustodianMedium]:
        """Return the media of custodian keys."""
        return [CustodianMedium(folder, self._seal("custodian", folder)) for folder in folders]

    def _seal(self, kind: str, folder: Path) -> Seal:
        if not self.passphrase:
            return self.desk.custody.identity
        prompt = f"Passphrase of the {kind} key in {folder}"
        return Passphrase(click.prompt(prompt, hide_input=True, confirmation_prompt=self.confirm))


def mldsa_told(root: Root) -> str:
    """Say in words what the ML-DSA-44 keys of a root are, and what to do if it has none."""
    if root.mldsa is None:
        return "none: not every holder has one; `certreg key rotate-root` with all present media makes them"
    return f"a key on each of {len(root.mldsa.keys)} media; {root.mldsa.threshold} sign each root as well"


def require_own_media(*folders: Path) -> None:
    """Refuse a folder that is given twice."""
    if len({folder.resolve() for folder in folders}) != len(folders):
        raise click.UsageError("each key needs a medium of its own: give different folders")


def root_media_option(least: str) -> Callable[[FC], FC]:
    """Return the option ``--medium``, given once for each root key."""
    return media_option("--medium", "folders", f"Folder of one root key; give {least}.")


def custodian_media_option(least: str, *, required: bool = True) -> Callable[[FC], FC]:
    """Return the option ``--custodian-medium``, given once for each custodian key."""
    told = f"Folder of one custodian key; give {least}."
    return media_option("--custodian-medium", "custodian_folders", told, required=required)


def media_option(name: str, variable: str, told: str, *, required: bool = True) -> Callable[[FC], FC]:
    """Return an option that names a folder, to be given several times."""
    folder = click.Path(file_okay=False, path_type=Path)
    return click.option(name, variable, multiple=True, required=required, type=folder, help=told)


passphrase_option = click.option(
    "--passphrase", is_flag=True, help="The keys on media are sealed by passphrases, asked for one by one."
)

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def leaving_option(told: str) -> Callable[[FC], FC]:
    """Return the option ``--leaving``, given once for each key that leaves."""
    return click.option("--leaving", multiple=True, type=KeyId(), help=told)
