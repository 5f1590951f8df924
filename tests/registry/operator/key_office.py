"""An office with small epochs: issuing to new people, and looking at keys."""

import itertools
import json
from dataclasses import dataclass
from typing import Any

from keys.key_file import KeyKind
from registry.operator.custody import Custody
from registry.settings import load_settings
from signing.trust import TrustKeys
from tests.registry.assessment import submissions
from tests.registry.operator.office import Office

_PERSONS = itertools.count(1)


def people(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Return rows about so many new people."""
    return [_row(place, next(_PERSONS), changes) for place in range(1, count + 1)]


def _row(place: int, person: int, changes: dict[str, Any]) -> dict[str, Any]:
    fresh = {"name": f"王五{chr(0x4E00 + person)}", "id_number": submissions.resident_id(person)}
    return submissions.row(place, **{**fresh, **changes})


@dataclass
class KeyOffice(Office):
    """An office that looks at its keys."""

    @property
    def custody(self) -> Custody:
        """The keys, opened anew."""
        return Custody(load_settings(self.environ))

    @property
    def trust(self) -> TrustKeys:
        """The keys' own trust bundle."""
        return self.custody.trust

    def issue(self, count: int, **changes: Any) -> list[str]:
        """Issue to so many new people; return the numbers."""
        self.approved(*people(count, **changes))
        said = self.done("issue")
        return [line.strip() for line in said.splitlines() if line.startswith("    S")]

    def key_ids(self, kind: KeyKind) -> list[bytes]:
        """Return the keys of a kind that may sign, the oldest block first."""
        trust = self.trust
        usable = [
            key
            for key in trust.keys.values()
            if key.kind == kind and not key.retired and key.key_id not in trust.tombstones
        ]
        return [key.key_id for key in sorted(usable, key=lambda key: key.first_entry)]

    @property
    def issuing(self) -> str:
        """The key that issues now, in hex."""
        return self.key_ids(KeyKind.CERTIFICATE)[0].hex()

    @property
    def status_key(self) -> str:
        """The key that signs the status now, in hex."""
        return self.key_ids(KeyKind.STATUS)[-1].hex()

    def ceremony(self, *arguments: object) -> str:
        """Hold a ceremony of two custodians without being asked; return what it said."""
        return self.done("key", *arguments, "--yes", *self.media(2))

    def check_findings(self) -> list[str]:
        """Check everything; return what was found."""
        said = self.certreg("check", "--full", "--json").output
        return [finding["what"] for finding in json.loads(said)["findings"]]
