"""The text of a web page in the pieces that a browser begins a new line for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from seed.intake.blocks import Cell, Origin
from seed.intake.tables import Row, names_columns

INLINE = frozenset(
    {"a", "abbr", "b", "bdo", "big", "cite", "code", "del", "em", "font", "i", "ins", "label"}
    | {"mark", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "u", "o:p", "img"}
)
NO_TEXT = frozenset({"script", "style", "noscript", "template"})
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])")
SOURCE_BREAK = re.compile(r"[ \t\r\f]*\n[ \t\r\n\f]*")
SOURCE_BLANKS = re.compile(r"[ \t\r\n\f]+")
HAN = re.compile("[\u3400-\u9fff，。、；：（）“”]")
NUMBERS = re.compile(r"\d|[一二三四五六七八九十（(①-⑳]")
MOST_SPANNED = 500


@dataclass
class Chunk:
    """A piece of text, the element that it stands in, and how much of it is links."""

    text: str
    element: "etree._Element"
    linked: int = 0
    is_table: bool = False


def is_hidden(element: "etree._Element") -> bool:
    """Whether a browser shows nothing of an element."""
    style = element.get("style", "").lower()
    return "hidden" in element.attrib or HIDDEN.search(style) is not None


def chunks(root: "etree._Element") -> Iterator[Chunk]:
    """The pieces in order; a table with named columns is one."""
    walk = _Walk()
    walk.enter(root)
    walk.end()
    yield from walk.found


class _Walk:
    """Collects text until a new line begins."""

    def __init__(self) -> None:
        self.found: list[Chunk] = []
        self._text = ""
        self._linked = 0
        self._element: etree._Element | None = None

    def enter(self, element: "etree._Element", *, in_link: bool = False) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in NO_TEXT:
            return
        if tag == "table" and _names_columns(element):
            self.end()
            text = " ".join("".join(element.itertext()).split())
            self.found.append(Chunk(text, element, is_table=True))
            return
        is_block = tag not in INLINE
        if is_block:
            self.end()
        if tag == "li":
            self._add(_list_number(element), element, in_link=in_link)
        linked = in_link or tag == "a"
        self._add(element.text, element, in_link=linked)
        for child in element:
            self.enter(child, in_link=linked)
            self._add(child.tail, element, in_link=linked)
        if is_block:
            self.end()

    def _add(self, text: str | None, element: "etree._Element", *, in_link: bool) -> None:
        if not text:
            return
        if self._element is None and text.strip():
            self._element = element
        self._text += text
        self._linked += len(HAN.findall(text)) if in_link else 0

    def end(self) -> None:
        """A new line begins."""
        text = SOURCE_BREAK.sub(_break, self._text)
        text = SOURCE_BLANKS.sub(" ", text).strip()
        if text and self._element is not None:
            self.found.append(Chunk(text, self._element, self._linked))
        self._text, self._linked, self._element = "", 0, None


def _break(match: re.Match[str]) -> str:
    """A line break in the source is no blank between Chinese characters."""
    text, start, end = match.string, match.start(), match.end()
    between = HAN.match(text[start - 1 : start]) and HAN.match(text[end : end + 1])
    return "" if between else " "


def _list_number(item: "etree._Element") -> str:
    """The number that a browser writes before an item of an ordered list."""
    parent = item.getparent()
    if parent is None or parent.tag != "ol" or parent.get("reversed") is not None:
        return ""
    if "none" in (parent.get("style", "") + item.get("style", "")):
        return ""
    if NUMBERS.match("".join(item.itertext()).strip()):
        return ""
    first = parent.get("start", "1")
    value = int(first) if first.isdecimal() and len(first) < 5 else 1
    for each in parent:
        if each.tag == "li":
            own = each.get("value", "")
            value = int(own) if own.isdecimal() and len(own) < 5 else value
            if each is item:
                break
            value += 1
    return f"{value}. "


def _names_columns(table: "etree._Element") -> bool:
    """Whether one of the first rows names columns, so that it is no frame for a layout."""
    if any(each is not table for each in table.iter("table")):
        return False
    rows = list(table.iter("tr"))[:6]
    return any(
        names_columns(["".join("".join(cell.itertext()).split()) for cell in _cells(row)])
        for row in rows
    )


def _cells(row: "etree._Element") -> list["etree._Element"]:
    return [cell for cell in row if cell.tag in {"td", "th"}]


def page_table(table: "etree._Element", number: int) -> list[Row]:
    """The rows of a table, of equal length; merged cells hand their words on."""
    grid: list[list[Cell]] = []
    open_cells: dict[int, tuple[int, Cell]] = {}  # column: rows left, and the cell
    for r, row in enumerate(table.iter("tr"), 1):
        line: list[Cell] = []
        cells = iter(_cells(row))
        while True:
            column = len(line)
            origin = Origin(table=number, row=r, column=column + 1)
            if column in open_cells:
                left, above = open_cells.pop(column)
                line.append(Cell(above.text, origin, bool(above.text)))
                if left > 1:
                    open_cells[column] = (left - 1, above)
                continue
            cell = next(cells, None)
            if cell is None:
                if any(place > column for place in open_cells):
                    line.append(Cell("", origin))
                    continue
                break
            text = "\n".join(chunk.text for chunk in chunks(cell))
            down = _span(cell.get("rowspan"))
            for place in range(column, column + _span(cell.get("colspan"))):
                at = Origin(table=number, row=r, column=place + 1)
                line.append(Cell(text, at, bool(text) and place > column))
                if down > 1:
                    open_cells[place] = (down - 1, line[-1])
        grid.append(line)
    width = max((len(line) for line in grid), default=0)
    return [
        (
            *line,
            *(Cell("", Origin(table=number, row=r, column=c + 1)) for c in range(len(line), width)),
        )
        for r, line in enumerate(grid, 1)
    ]


def _span(value: str | None) -> int:
    return min(int(value), MOST_SPANNED) if value and value.isdecimal() and len(value) < 5 else 1
