"""The vertical lines that a table of a PDF page does without: its sides, or all of them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pdfplumber.page import Page

from seed.intake.pdf_lines import Glyph
from seed.intake.tables import NUMBER_COLUMN

NEAR = 3.0  # points between lines that are one
WIDE = 0.4  # of the page: shorter lines underline something
FEWEST_RULES = 4  # above and below the names of columns, and below two rows
GAP = 0.8  # of a character between columns


def missing_edges(page: Page, glyphs: Sequence[Glyph]) -> list[dict[str, Any]]:
    """Edges for pdfplumber: where horizontal lines end, and between columns that nothing parts."""
    found: list[dict[str, Any]] = []
    for left, right, tops in _ruled(page):
        verticals = [
            edge["x0"]
            for edge in page.edges
            if edge["orientation"] == "v"
            and left - NEAR < edge["x0"] < right + NEAR
            and edge["bottom"] > tops[0] + NEAR
            and edge["top"] < tops[-1] - NEAR
        ]
        if any(left + NEAR < x < right - NEAR for x in verticals):
            between = []  # ruled inside, perhaps open at its sides
        else:
            inside = [g for g in glyphs if left <= g.left and g.right <= right]
            between = list(_between(inside, tops))
            if not between:
                continue
        found += [
            _edge(page, x, tops[0], tops[-1])
            for x in (left, *between, right)
            if not any(abs(x - other) <= NEAR for other in verticals)
        ]
    return found


def _ruled(page: Page) -> Iterator[tuple[float, float, list[float]]]:
    """Horizontal lines of one length below one another: left, right, and their places."""
    groups: list[tuple[float, float, list[float]]] = []
    for edge in sorted(page.horizontal_edges, key=lambda edge: float(edge["top"])):
        if edge["x1"] - edge["x0"] < WIDE * page.width:
            continue
        for left, right, tops in groups:
            if abs(left - edge["x0"]) <= NEAR and abs(right - edge["x1"]) <= NEAR:
                if edge["top"] - tops[-1] > NEAR:
                    tops.append(float(edge["top"]))
                break
        else:
            groups.append((float(edge["x0"]), float(edge["x1"]), [float(edge["top"])]))
    yield from (group for group in groups if len(group[2]) >= FEWEST_RULES)


def _between(glyphs: Sequence[Glyph], tops: Sequence[float]) -> Iterator[float]:
    """The middle of each strip that no character crosses, where each row has its number."""
    rows = [
        [g for g in glyphs if top < g.baseline - 0.4 * g.size < bottom and not g.text.isspace()]
        for top, bottom in pairwise(tops)
    ]
    strips: list[float] = []
    end: float | None = None
    for glyph in sorted((g for row in rows for g in row), key=lambda g: g.left):
        if end is not None and glyph.left - end > GAP * glyph.size:
            strips.append((end + glyph.left) / 2)
        end = max(end or 0.0, glyph.right)
    if not strips:
        return
    numbers = ["".join(g.text for g in row if g.right < strips[0]) for row in rows]
    on_lines = [len({round(g.baseline) for g in row if g.right < strips[0]}) for row in rows]
    if (
        NUMBER_COLUMN.fullmatch(numbers[0])
        and all(number.isdigit() for number in numbers[1:])
        and set(on_lines) == {1}
    ):
        yield from strips


def _edge(page: Page, x: float, top: float, bottom: float) -> dict[str, Any]:
    return {
        "object_type": "line", "orientation": "v", "x0": x, "x1": x, "top": top, "bottom": bottom,
        "width": 0, "height": bottom - top, "page_number": page.page_number,
    }  # fmt: skip
