"""A picture file with nothing left in it but the picture: what a decoder gets to see."""

from dataclasses import dataclass

from registry.photo.kind import Kind
from registry.photo.measure import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """A file written anew from the parts of another that make the picture.

    ``size`` is the one declared, before it is turned by ``orientation`` (1 to 8, as in Exif). ``profile`` is the ICC
    profile of its colours as it came, ``None`` if there was none that is whole; it is not in ``file``.
    ``baseline`` says that it is a baseline JPEG in one scan, the plainest there is.
    ``inflated_bytes`` is what a PNG's data must be inflated to; 0 for a JPEG, whose scans were counted instead.
    """

    kind: Kind
    size: Size
    orientation: int
    profile: bytes | None
    inflated_bytes: int
    baseline: bool
    file: bytes

    @property
    def size_seen(self) -> Size:
        """Width and height as the picture is looked at."""
        return self.size[::-1] if self.orientation >= 5 else self.size
