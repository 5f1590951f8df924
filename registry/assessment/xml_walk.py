"""Walking an XML part from front to back without keeping it: expat, namespaces cut off.

The part is already known to hold no document type declaration (``package``), so nothing here can expand.
"""

from xml.parsers import expat

from registry.assessment.errors import WorkbookBroken


class Walk:
    """What is told of a part while it is walked; does nothing by itself. Names have no namespace."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, data: str) -> None:
        """Characters, perhaps one run in several pieces."""

    def end(self, tag: str) -> None:
        """An element ends."""


def walk_xml(data: bytes, walk: Walk) -> None:
    """Drive a walk over a part; ``ContentUnreadable`` if it is not well formed."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        walk.start(tag.rpartition(" ")[2], attributes)

    def end(tag: str) -> None:
        walk.end(tag.rpartition(" ")[2])

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = walk.text
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise WorkbookBroken from None
