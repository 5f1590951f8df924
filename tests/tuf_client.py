"""An ordinary client of the metadata, python-tuf's own, that reads a public tree from a folder."""

from collections.abc import Iterator
from pathlib import Path

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater

BASE = "https://certreg.example/"
TARGETS = ("trust/keys.cbor", "trust/names.cbor", "status/status.cbor")


class FolderFetcher(FetcherInterface):
    """Serves a folder as a static host would, and counts what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.removeprefix(BASE)
        self.asked.append(name)
        try:
            data = (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise DownloadHTTPError(name, 404) from None
        return iter([data])


class TufClient:
    """A client with a memory of its own, begun with one root metadata."""

    def __init__(self, memory: Path, bootstrap: bytes) -> None:
        self.memory = memory
        self.bootstrap = bootstrap
        self.memory.mkdir(exist_ok=True)
        (self.memory / "targets").mkdir(exist_ok=True)

    @classmethod
    def at(cls, public: Path, memory: Path, *, root: int = 1) -> "TufClient":
        """Return a client that pins a root of this tree."""
        return cls(memory, (public / "tuf" / f"{root}.root.json").read_bytes())

    def updater(self, public: Path) -> Updater:
        """Return the library's client of a tree, refreshed; the library's errors go up."""
        updater = Updater(
            str(self.memory),
            BASE + "tuf/",
            str(self.memory / "targets"),
            BASE,
            fetcher=FolderFetcher(public),
            bootstrap=self.bootstrap,
        )
        updater.refresh()
        return updater

    def files(self, public: Path) -> dict[str, bytes]:
        """Return the target files of a tree as the client gets them."""
        updater, found = self.updater(public), {}
        for path in TARGETS:
            info = updater.get_targetinfo(path)
            assert info is not None, path
            found[path] = Path(updater.download_target(info)).read_bytes()
        return found
