"""How long the texts are that cells of a workbook share (``xl/sharedStrings.xml``, ECMA-376 part 1, 18.4).

Only the lengths: calamine copies a shared text for every cell that points at it, and ``sheet_structure`` adds
up what that will come to.
"""

from registry.assessment.xml_walk import Walk, walk_xml


class _SharedWalk(Walk):
    """The callbacks for shared texts: how long is each?"""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self.lengths.append(0)

    def text(self, data: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(data)


def shared_text_lengths(data: bytes) -> list[int]:
    """Return how many characters each shared text has at most (``xl/sharedStrings.xml``)."""
    walk = _SharedWalk()
    walk_xml(data, walk)
    return walk.lengths
