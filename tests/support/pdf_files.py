"""Small PDF files with Chinese text, made without any library: what a test needs and no more."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842
TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Identity def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"""
FONT = b"""<< /Type /Font /Subtype /Type0 /BaseFont /Example /Encoding /Identity-H
/DescendantFonts [4 0 R] /ToUnicode 6 0 R >>"""
CHARACTERS = b"""<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Example /DW 1000 /W [32 126 500]
/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>
/FontDescriptor 5 0 R >>"""
DESCRIPTOR = b"""<< /Type /FontDescriptor /FontName /Example /Flags 4 /FontBBox [0 -120 1000 880]
/Ascent 880 /Descent -120 /CapHeight 700 /ItalicAngle 0 /StemV 80 >>"""
GREY_DOT = """/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8
/ColorSpace /DeviceGray"""


@dataclass(frozen=True)
class Text:
    """Characters at a place from the top left corner; ASCII is half as wide."""

    left: float
    top: float
    text: str
    size: float = 16
    color: str = "0 g"
    turned: bool = False

    def drawn(self) -> str:
        codes = self.text.encode("utf-16-be").hex()
        matrix = "0 1 -1 0" if self.turned else "1 0 0 1"
        place = f"{matrix} {self.left} {HEIGHT - self.top}"
        return f"BT {self.color} /F1 {self.size} Tf {place} Tm <{codes}> Tj ET"


@dataclass(frozen=True)
class Rule:
    """A line between two places."""

    left: float
    top: float
    right: float
    bottom: float

    def drawn(self) -> str:
        return f"{self.left} {HEIGHT - self.top} m {self.right} {HEIGHT - self.bottom} l S"


@dataclass(frozen=True)
class Fill:
    """A black box."""

    left: float
    top: float
    width: float
    height: float

    def drawn(self) -> str:
        return f"0 g {self.left} {HEIGHT - self.top - self.height} {self.width} {self.height} re f"


@dataclass(frozen=True)
class Picture:
    """A grey picture."""

    left: float
    top: float
    width: float
    height: float

    def drawn(self) -> str:
        place = f"{self.left} {HEIGHT - self.top - self.height}"
        return f"q {self.width} 0 0 {self.height} {place} cm /I1 Do Q"


Item = Text | Rule | Fill | Picture


def grid(lefts: Sequence[float], tops: Sequence[float]) -> list[Rule]:
    """The lines of a table without merged cells."""
    across = [Rule(lefts[0], top, lefts[-1], top) for top in tops]
    return across + [Rule(left, tops[0], left, tops[-1]) for left in lefts]


def pdf(*pages: Sequence[Item], trailer: str = "") -> bytes:
    """A file with these pages."""
    kids = " ".join(f"{8 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        FONT,
        CHARACTERS,
        DESCRIPTOR,
        _stream(TO_UNICODE),
        _stream(b"\x80", GREY_DOT),
    ]
    for number, items in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents"
            f" {9 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> /XObject << /I1 7 0 R >>"
            " >> >>".encode()
        )
        objects.append(_stream("\n".join(item.drawn() for item in items).encode()))
    data = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\n".encode()
        + b"startxref\n%d\n%%%%EOF\n" % len(data)
    )


def _stream(data: bytes, entries: str = "") -> bytes:
    packed = zlib.compress(data)
    head = f"<< {entries} /Filter /FlateDecode /Length {len(packed)} >>".encode()
    return b"%s\nstream\n%s\nendstream" % (head, packed)
