"""What the application was made with, as views reach it."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import cast

from flask import current_app

from keys.durable_files import content_stamp
from keys.kept_trust import KEYS
from keys.roots import read_pinned_root
from keys.trust_home import TrustHome
from registry.api.caller import current_body
from registry.holder.errors import TrustMissing
from registry.installation import Installation
from registry.people.representative import Representative
from registry.settings import Settings
from signing.trust import TrustKeys

TRUST = "certreg_trust"
"""The extension that returns the trust bundle, ``None`` if there is none yet."""


def installation() -> Installation:
    """Return the installation."""
    return cast(Installation, current_app.extensions["certreg"])


def now() -> datetime:
    """Return the time, read once by each view."""
    clock = cast(Callable[[], datetime], current_app.extensions["certreg_now"])
    return clock()


def representative() -> Representative:
    """Return the caller as acts below the door know him."""
    caller = current_body()
    return Representative(caller.actor, caller.issuer, caller.key_id)


def trust() -> TrustKeys:
    """Return the trust bundle that tokens are held against before they are handed out. Raises ``TrustMissing``."""
    read = cast(Callable[[], TrustKeys | None], current_app.extensions[TRUST])
    found = read()
    if found is None:
        raise TrustMissing
    return found


def kept_trust(settings: Settings) -> Callable[[], TrustKeys | None]:
    """Return what reads the register's own copy of the trust bundle, verified from the pinned root on.

    What was verified is kept while the files stay the same. ``None`` before the first.
    """
    folder = settings.keys_dir / "trust"

    @lru_cache(maxsize=1)
    def verified(_stamp: object) -> TrustKeys | None:
        return TrustHome(folder, read_pinned_root(settings.root_file)).trust_keys()

    def read() -> TrustKeys | None:
        if not settings.root_file.is_file():
            return None
        return verified((content_stamp(folder / KEYS), content_stamp(settings.root_file)))

    return read
