"""A ceremony under way: who sits at the table with which media, and the steps that every ceremony ends with.

What is durable, in this order: the intent; the register's part; the next key in the store; the signed trust bundle; the
register's knowledge of it with the ceremony's record; the public files. Killed between any two, the same command goes
on: each step finds by state whether it is done. The public learns of a trust bundle only after the register did, so no
certificate is numbered under a key that verifiers were told is at its end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.crash_points import around, reach
from keys.errors import NotEnoughRoots
from keys.roots import RootMedium
from registry.installation import Installation
from registry.operator.ceremony import keep_trust, record_unfinished, settle_register
from registry.operator.custody import Custody
from registry.operator.intent import Intent
from registry.operator.public_tree import publish
from registry.people.permission import Actor
from signing.status import Status
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True)
class Sitting:
    """The register, its keys, the registrar who acts, the media with root keys, and the instant it began."""

    installation: Installation
    custody: Custody
    actor: Actor
    media: Sequence[RootMedium]
    now: datetime

    def begin(self, intent: Intent) -> Intent:
        """Make the intent durable; return it, or the one that an earlier run began with.

        Raises ``OtherCeremony``; and, before anything is begun, ``KeyUnavailable`` for a root key that can not be
        opened, or ``NotEnoughRoots``.
        """
        root = self.custody.root
        able = {signer.key_id for signer in self.custody.root_signers(self.media)} & root.verifiers.keys()
        if len(able) < root.threshold:
            raise NotEnoughRoots(len(able), root.threshold)
        if self.custody.intents.current() is None:
            record_unfinished(self.installation, self.custody, self.actor, now=self.now)
        begun = self.custody.intents.begin(intent)
        reach("ceremony.begun")
        return begun

    def keep(self, draft: TrustKeys) -> TrustKeys:
        """Let the root keys sign the next trust bundle, and keep it. Raises what ``keep_trust`` raises."""
        reach("ceremony.key_made")
        with around("ceremony.trust"):
            return keep_trust(self.custody, draft, self.custody.trust, self.media, now=self.now)

    def finish(self, begun: Intent, keys: Iterable[bytes], **more: object) -> Status:
        """Tell the register of the trust bundle, record the ceremony, publish, and forget the intent.

        Returns the status that was published; ``more`` goes into the record.
        """
        settle_register(self.installation, self.custody, self.actor, begun.kind, keys, now=self.now, **more)
        reach("ceremony.recorded")
        status = publish(self.installation, self.custody, now=self.now)
        reach("ceremony.published")
        self.custody.intents.end()
        return status
