"""What a ceremony is to do, on disk before anything of it is done, until all of it is.

A ceremony touches the register, the key store, the trust bundle and the public files, and can be killed between any
two. The intent says then what was begun, and with which words of a person (an instant, a list of entries), so that
running the command again goes on with the same; no other ceremony may come in between.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from keys.durable_files import OWNER_ONLY, make_private_folder, replace
from registry.certificate.ceremonies import CeremonyKind
from registry.operator.errors import IntentUnreadable, OtherCeremony

FORMAT = "certreg-ceremony/1"


@dataclass(frozen=True, slots=True)
class Intent:
    """A ceremony that was begun: what for, which key it is about, and the words of a person that it goes by.

    ``then_next``: a new key takes the place of this one in the same trust bundle. ``alarm`` and ``vouched`` are of a
    compromise alone: since when the key may have been in other hands (``None``: not of a compromise), and entries that
    a person vouches for although they came later.
    """

    kind: CeremonyKind
    key_id: bytes
    begun_at: datetime
    then_next: bool = False
    alarm: datetime | None = None
    vouched: tuple[int, ...] = ()

    def goes_on_with(self, begun: "Intent") -> bool:
        """Say whether this asks for what was begun: the same ceremony of the same key, by the same words or by none."""
        words = (self.then_next, self.alarm, self.vouched)
        of_one = (self.kind, self.key_id) == (begun.kind, begun.key_id)
        return of_one and words in ((False, None, ()), (begun.then_next, begun.alarm, begun.vouched))

    def to_json(self) -> str:
        """Return the file's text."""
        return json.dumps(
            {
                "format": FORMAT,
                "kind": self.kind,
                "key_id": self.key_id.hex(),
                "begun_at": self.begun_at.isoformat(),
                "then_next": self.then_next,
                "alarm": None if self.alarm is None else self.alarm.isoformat(),
                "vouched": list(self.vouched),
            },
            indent=1,
        )

    @classmethod
    def from_members(cls, members: Mapping[str, Any]) -> "Intent":
        """Read what ``to_json`` wrote; ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        if members["format"] != FORMAT:
            raise ValueError("another format")
        alarm = members["alarm"]
        return cls(
            CeremonyKind(members["kind"]),
            bytes.fromhex(members["key_id"]),
            datetime.fromisoformat(members["begun_at"]),
            bool(members["then_next"]),
            None if alarm is None else datetime.fromisoformat(alarm),
            tuple(int(entry) for entry in members["vouched"]),
        )


class IntentFile:
    """Where the one unfinished ceremony of a register is kept."""

    def __init__(self, keys_dir: Path) -> None:
        self.path = keys_dir / "ceremony" / "unfinished.json"

    def current(self) -> Intent | None:
        """Return the unfinished ceremony, ``None`` if there is none. Raises ``IntentUnreadable``."""
        try:
            return Intent.from_members(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return None
        except (KeyError, TypeError, ValueError, RecursionError, IsADirectoryError):
            raise IntentUnreadable(self.path) from None

    def begin(self, intent: Intent) -> Intent:
        """Keep an intent, and return it; if its ceremony was begun before, return that one, to go on with.

        Durable when this returns. Raises ``OtherCeremony`` if another one is unfinished, or this one was begun with
        other words.
        """
        current = self.current()
        if current is not None:
            self.require_goes_on(intent)
            return current
        make_private_folder(self.path.parent)
        replace(self.path, intent.to_json().encode(), mode=OWNER_ONLY)
        return intent

    def require_goes_on(self, intent: Intent) -> None:
        """Raise ``OtherCeremony`` if another ceremony is unfinished, or this one was begun with other words."""
        current = self.current()
        if current is not None and not intent.goes_on_with(current):
            raise OtherCeremony(current.kind, current.key_id, current.begun_at)

    def require_none(self) -> None:
        """Raise ``OtherCeremony`` if a ceremony is unfinished."""
        current = self.current()
        if current is not None:
            raise OtherCeremony(current.kind, current.key_id, current.begun_at)

    def end(self) -> None:
        """Forget the intent: all of it is done."""
        self.path.unlink(missing_ok=True)
