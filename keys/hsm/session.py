"""This process's session with a token: opened when it is first used, and once more after it was lost.

PKCS#11 keeps one state per process and module (``C_Initialize``, ``C_Login``), so this room does too: one
session for each token, one lock around every call of a module, and no use of either in a forked copy of the
process. Signing needs a session that can only read; making a key opens another beside it for that act.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Final, TypeVar

import pkcs11
from pkcs11.constants import TokenFlag
from pkcs11.types import Session, Token

from keys.errors import HsmModuleMissing, HsmSessionLost, PinRefused
from keys.hsm.faults import LOST, NOT_TRIED_AGAIN, WRONG_PIN, refusal, require_tries_left
from keys.hsm.pin import Pin
from keys.hsm.place import HsmPlace
from keys.hsm.turn import turn_at

if TYPE_CHECKING:
    from pkcs11._pkcs11 import lib as Library  # noqa: N812

ReadPin = Callable[[], Pin]
T = TypeVar("T")

_PROBED_BITS: Final = 64
_LOCK: Final = RLock()
_SESSIONS: Final[dict[tuple[Path, str], HsmSession]] = {}


class HsmSession:
    """One token as this process uses it. Get one by ``at``: two for the same token would end each other."""

    def __init__(self, place: HsmPlace) -> None:
        self._place: Final = place
        self._session: Session | None = None
        self._owner = os.getpid()
        self._refused: Pin | None = None

    @classmethod
    def at(cls, place: HsmPlace) -> HsmSession:
        """Return the process's one session with this token; nothing is opened yet."""
        with _LOCK:
            return _SESSIONS.setdefault((place.module, place.token), cls(place))

    def logged_in(self, act: Callable[[Session], T], read_pin: ReadPin) -> T:
        """Do the act with a session of the token's user; after a loss once more, with a new session.

        The act may run twice, so it only reads or signs. Raises ``HsmUnavailable`` or one of its kinds, and what
        ``read_pin`` and the act raise.
        """
        kind: type[pkcs11.PKCS11Error] = pkcs11.PKCS11Error
        with _LOCK:
            for _ in range(2):
                session = self._opened(read_pin)
                try:
                    return act(session)
                except pkcs11.PKCS11Error as fault:
                    kind = type(fault)
                self.close()
                if kind not in LOST:
                    break
        raise refusal(kind, self._place)

    def writing(self, act: Callable[[Session], T], read_pin: ReadPin) -> T:
        """Do the act, once, with a session that may change the token."""
        with _LOCK:
            # A session that was lost since its last use is found here, before anything is changed.
            self.logged_in(lambda session: session.generate_random(_PROBED_BITS), read_pin)
            # Logged in is the whole process, so this session needs no PIN; closing it logs nobody out.
            return self._with_another(act, rw=True)

    def unlocked(self, act: Callable[[Session], T]) -> T:
        """Do the act with a session that shows what the token shows without a PIN, or more."""
        with _LOCK:
            return self._with_another(act, rw=False)

    def close(self) -> None:
        """Log out and close; the next use opens anew."""
        with _LOCK:
            ended, self._session = self._session, None
            if ended is not None and self._owner == os.getpid():
                _close(ended)

    def _opened(self, read_pin: ReadPin) -> Session:
        self._require_owner()
        if self._session is None:
            with turn_at(self._place):
                self._session, self._owner = self._new_session(read_pin), os.getpid()
        return self._session

    def _new_session(self, read_pin: ReadPin) -> Session:
        token = self._token()
        require_tries_left(token.flags, self._place)
        session = self._login(token, read_pin)
        if session is None:
            raise PinRefused(self._place.uri, NOT_TRIED_AGAIN)
        if not isinstance(session, Session):
            raise refusal(session, self._place, self._flags())
        return session

    def _login(self, token: Token, read_pin: ReadPin) -> Session | type[pkcs11.PKCS11Error] | None:
        # Returns the kind of a refusal instead of raising: a traceback would hold this frame, and this frame the PIN.
        pin = read_pin()
        if self._refused is not None and self._refused.reveal() == pin.reveal():
            return None
        try:
            session = token.open(user_pin=pin.reveal())
        except pkcs11.PKCS11Error as fault:
            if isinstance(fault, WRONG_PIN):
                self._refused = pin
            return type(fault)
        # With a login the token counts its tries anew.
        self._refused = None
        return session

    def _require_owner(self) -> None:
        if self._session is not None and self._owner != os.getpid():
            raise HsmSessionLost(
                self._place.uri, f"the session is process {self._owner}'s, and this is a forked copy of it"
            )

    def _with_another(self, act: Callable[[Session], T], *, rw: bool) -> T:
        self._require_owner()
        with turn_at(self._place):
            token = self._token()
            try:
                with _closing(token.open(rw=rw)) as session:
                    return act(session)
            except pkcs11.PKCS11Error as fault:
                kind = type(fault)
        self.close()
        raise refusal(kind, self._place)

    def _token(self) -> Token:
        try:
            return self._library().get_token(token_label=self._place.token)
        except pkcs11.PKCS11Error as fault:
            kind, why = type(fault), str(fault)
        self.close()
        if kind is pkcs11.PKCS11Error:
            raise HsmModuleMissing(self._place.uri, f"the module can not be used: {why}")
        raise refusal(kind, self._place)

    def _library(self) -> Library:
        library = pkcs11.lib(str(self._place.module))
        if self._session is None:
            # The module's state begins anew, so that tokens which were put in since are seen. Every session ends with
            # it, and its handle may come to mean another token's.
            for (module, _), other in _SESSIONS.items():
                if module == self._place.module:
                    other._session = None
            library.reinitialize()
        return library

    def _flags(self) -> TokenFlag | None:
        try:
            library = pkcs11.lib(str(self._place.module))
            return library.get_token(token_label=self._place.token).flags
        except pkcs11.PKCS11Error:
            return None

    def __repr__(self) -> str:
        return f"<HsmSession {self._place.uri}>"


@contextmanager
def _closing(session: Session) -> Iterator[Session]:
    try:
        yield session
    finally:
        _close(session)


def _close(session: Session) -> None:
    try:
        session.close()
    except pkcs11.PKCS11Error:
        # It is gone already, which is what was wanted.
        return
