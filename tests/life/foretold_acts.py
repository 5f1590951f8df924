"""What becomes of an act of a registrar, or of somebody who is none."""

from collections.abc import Callable, Sequence

from registry.certificate.errors import CorrectionNotVoidable, UnknownEntry, UnknownNumber, UnlawfulTransition
from registry.people.errors import NotPermitted
from tests.life.foretelling import Foretold, done, refused
from tests.life.notebook import Epoch, Notebook, Told, Version, series_key

LAWFUL = {
    "suspend": (("released", "reinstated"), "suspended"),
    "reinstate": (("suspended",), "reinstated"),
    "revoke": (("released", "suspended", "reinstated"), "revoked"),
    "void": (("numbered", "signed"), "void"),
}


def void(book: Notebook, entry: int, *, permitted: bool) -> Foretold:
    """Foretell the voiding of an entry: only a certificate's first version, only before it is released."""
    if entry > len(book.versions):
        return refused(UnknownEntry)
    if not permitted:
        return refused(NotPermitted)
    if book.version(entry).version > 1:
        return refused(CorrectionNotVoidable)
    return _moved(book, book.version(entry), "void")


def on_number(book: Notebook, act: str, number: str, *, permitted: bool) -> Foretold:
    """Foretell an act on what people hold of a certificate."""
    held = book.held(number)
    if held is None:
        return refused(UnknownNumber)
    if not permitted:
        return refused(NotPermitted)
    return _moved(book, held, act)


def _moved(book: Notebook, version: Version, act: str) -> Foretold:
    befores, after = LAWFUL[act]
    if version.status not in befores:
        return refused(UnlawfulTransition)
    return done(lambda: book.move(act, [version], after), (version.entry, version.status, after))


def open_series(
    book: Notebook, issuer: str, year: int, levels: Sequence[str], *, permitted: bool
) -> Foretold:
    """Foretell which of these series are new."""
    if not permitted:
        return refused(NotPermitted)
    keys = [series_key(issuer, year, level) for level in levels]
    new = [key not in book.open_series for key in keys]

    def effect() -> None:
        for key in keys:
            if key not in book.open_series:
                book.open_series[key] = 0
                book.events.append(Told("open_series", f"series:{key}"))

    return done(effect, new)


def open_epoch(book: Notebook, epoch: Epoch) -> Foretold:
    """Foretell that the key's block is open."""

    def effect() -> None:
        book.epochs.append(epoch)
        book.events.append(Told("open_epoch", f"epoch:{epoch.key_id.hex()}"))

    return done(effect, epoch.key_id)


Foreteller = Callable[[], Foretold]
