"""An extraction as a file that a person can read, and back: `paragraphs.yaml`.

This needs none of intake's packages: reading a plan begins here.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from seed.intake.blocks import (
    Block,
    Cell,
    Extraction,
    IntakeQuestion,
    Origin,
    PageSize,
    Paragraph,
    Piece,
    SetAside,
    Table,
)

PLACE = re.compile(
    r"(?:page (?P<page>\d+))?"
    r"(?: ?paragraph (?P<paragraph>\d+))?"
    r"(?: ?table (?P<table>\d+))?"
    r"(?: ?row (?P<row>\d+))?"
    r"(?: ?column (?P<column>\d+))?"
    r"(?: ?line (?P<line>\d+))?"
    r"(?: ?box (?P<box>-?[\d.]+(?: -?[\d.]+){3}))?"
    r"(?: ?sheet (?P<sheet>.+))?",
    re.DOTALL,
)
FAR = 1_000_000  # points
COUNTS = ("page", "paragraph", "table", "row", "column", "line")


def place_of(origin: Origin) -> str:
    """A place in words, such as `page 3 line 12 box 78.0 547.1 518.2 561.8`."""
    words = [f"{name} {value}" for name in COUNTS if (value := getattr(origin, name)) is not None]
    if origin.box:
        words.append("box " + " ".join(f"{edge:.1f}" for edge in origin.box))
    if origin.sheet is not None:
        words.append(f"sheet {origin.sheet}")
    return " ".join(words)


def origin_of(place: str) -> Origin:
    """The place that words name; ValueError where they name none."""
    match = PLACE.fullmatch(place)
    if not match:
        raise ValueError(f"the place “{place}”")
    counts = {name: int(match[name]) if match[name] else None for name in COUNTS}
    left, top, right, bottom = (float(edge) for edge in (match["box"] or "0 0 0 0").split())
    box = (left, top, right, bottom) if match["box"] else None
    return Origin(**counts, box=box, sheet=match["sheet"])


def as_data(extraction: Extraction) -> dict[str, Any]:
    """An extraction as lists and texts, as YAML and JSON have them."""
    return {
        "format": extraction.format,
        "encoding": extraction.encoding,
        "blocks": [_block_data(block) for block in extraction.blocks],
        "set_aside": [
            {"rule": each.rule, "text": each.text, "at": place_of(each.origin)}
            for each in extraction.set_aside
        ],
        "questions": [
            {
                "kind": each.kind,
                "found": each.found,
                "expected": each.expected,
                "proposal": each.proposal,
                "at": place_of(each.origin),
                "block": each.block,
                "start": each.start,
                "end": each.end,
            }
            for each in extraction.questions
        ],
        **({"pages": [asdict(page) for page in extraction.pages]} if extraction.pages else {}),
    }


def _block_data(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"text": block.text, "at": _pieces_data(block.pieces) or place_of(block.origin)}
    return {
        "columns": list(block.columns),
        "at": place_of(block.origin),
        "rows": [[_cell_data(cell) for cell in row] for row in block.rows],
    }


def _cell_data(cell: Cell) -> dict[str, Any]:
    inherited = {"inherited": True} if cell.is_inherited else {}
    rest = {"rest": _pieces_data(cell.rest)} if cell.rest else {}
    return {"text": cell.text, "at": place_of(cell.origin), **inherited, **rest}


def _pieces_data(pieces: Iterable[Piece]) -> list[str]:
    return [f"{piece.start}: {place_of(piece.origin)}" for piece in pieces]


def from_data(data: Any) -> Extraction:
    """The extraction that such data describe.

    Raises ValueError where they are of another shape.
    """
    try:
        return Extraction(
            format=_text(data["format"]),
            encoding=data["encoding"],
            blocks=tuple(_block(each) for each in data["blocks"]),
            set_aside=tuple(
                SetAside(_text(each["rule"]), _text(each["text"]), origin_of(each["at"]))
                for each in data["set_aside"]
            ),
            questions=tuple(_question(each) for each in data["questions"]),
            # Earlier releases recorded no pages.
            pages=tuple(_page(**each) for each in data.get("pages", ())),
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no paragraphs as intake writes them ({error!r})") from None


def _question(data: Any) -> IntakeQuestion:
    rest = {name: value for name, value in data.items() if name != "at"}
    return IntakeQuestion(**rest, origin=origin_of(data["at"]))


def _page(number: Any, width: Any, height: Any) -> PageSize:
    if type(number) is not int or number < 1 or not all(0 < one < FAR for one in (width, height)):
        raise TypeError(f"a page {number!r} of {width!r} x {height!r}")
    return PageSize(number, float(width), float(height))


def _block(data: Any) -> Block:
    if "columns" in data:
        rows = tuple(
            tuple(
                Cell(
                    _text(cell["text"]),
                    origin_of(cell["at"]),
                    cell.get("inherited", False),
                    _pieces(cell.get("rest", ())),
                )
                for cell in row
            )
            for row in data["rows"]
        )
        return Table(tuple(_text(each) for each in data["columns"]), rows, origin_of(data["at"]))
    text, at = _text(data["text"]), data["at"]
    if isinstance(at, str):
        return Paragraph(text, origin_of(at))
    pieces = _pieces(at)
    return Paragraph(text, pieces[0].origin, pieces)


def _pieces(given: Iterable[str]) -> tuple[Piece, ...]:
    parts = (each.partition(": ") for each in given)
    return tuple(Piece(int(start), origin_of(place)) for start, _, place in parts)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} in place of a text")
    return value
