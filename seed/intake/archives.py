"""Office files are ZIP archives of XML: opened within limits, and without any entity."""

import io
import zipfile
from typing import Any

from lxml import etree

from seed.refusals import NoticeRefusedError

MOST_MEMBERS = 3000
MOST_BYTES = 60_000_000  # of all that is unpacked
PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class Archive:
    """The members of an office file; all reading counts against one limit.

    Raises NoticeRefusedError for what is damaged, locked or too large.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise damaged() from None
        self._left = MOST_BYTES
        self.names = frozenset(self._zip.namelist())
        if len(self.names) > MOST_MEMBERS:
            raise NoticeRefusedError(
                None, f"a file of {len(self.names)} parts", f"at most {MOST_MEMBERS}"
            )

    def read(self, name: str) -> bytes:
        """The bytes of a member, which says itself how many it has and may be wrong."""
        try:
            with self._zip.open(name) as member:
                data = member.read(self._left + 1)
        except RuntimeError:  # zipfile says so of a password
            raise NoticeRefusedError(
                None, "a file with a password", "one without: open it and save a copy"
            ) from None
        except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError, ValueError):
            raise damaged() from None
        except Exception as error:
            if type(error).__module__ in {"zlib", "lzma"}:
                raise damaged() from None
            raise
        self._left -= len(data)
        if self._left < 0:
            raise NoticeRefusedError(
                None, f"a file that unpacks to more than {MOST_BYTES} bytes", "a smaller one"
            )
        return data

    def xml(self, name: str) -> "etree._Element":
        """The root of an XML member."""
        return parse_xml(self.read(name))

    def optional_xml(self, name: str) -> "etree._Element | None":
        """The root of a member that need not be there."""
        return self.xml(name) if name in self.names else None


def parse_xml(data: bytes) -> "etree._Element":
    """The root of XML that declares nothing of its own."""
    try:
        root = etree.fromstring(data, etree.XMLParser(**PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError):
        raise damaged() from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise NoticeRefusedError(None, "XML with a DOCTYPE", "a file as Word or WPS saves it")
    return root


def damaged() -> NoticeRefusedError:
    """The refusal of a file that an office program cannot have written."""
    return NoticeRefusedError(
        None, "a damaged office file", "one that opens in Word or WPS: save it again there"
    )


def local(element: "etree._Element") -> str:
    """The name of an element without its namespace: the two editions of OOXML differ in those."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: "etree._Element | None", name: str) -> str | None:
    """An attribute by its name without namespace."""
    if element is None:
        return None
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), None)


def child(element: "etree._Element | None", *path: str) -> "etree._Element | None":
    """The first child of a name, and of that the first of the next name."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if local(each) == name), None)
    return element
