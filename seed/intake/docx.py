"""DOCX → paragraphs and tables, with what Word hides written out, set aside or asked about."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from seed.intake.archives import Archive, attribute, child, damaged, local
from seed.intake.blocks import Block, Cell, Extraction, IntakeQuestion, Origin, SetAside
from seed.intake.docx_numbering import Numbering
from seed.intake.docx_runs import Runs, choice
from seed.intake.lines import SENTENCE_END, Line, clean_line, join_titles, paragraphs_of
from seed.intake.numbering import MARKER
from seed.intake.tables import Row, read_table
from seed.refusals import NoticeRefusedError

CHANGES = frozenset({"ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel"})
TRANSPARENT = frozenset({"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"})
NOTES = {"footnotes": "footnote", "endnotes": "endnote", "comments": "comment"}
EDGES = {"header": "page header", "footer": "page footer"}
CONTENTS_STYLE = re.compile(r"toc ?\d|目录 ?\d", re.IGNORECASE)
ENDS_OPEN = re.compile("[0-9A-Za-z条章节款]$")  # a number that a tab parts from its words
MOST_COLUMNS = 60


@dataclass
class _Body:
    """What has been read of the body so far."""

    runs: Runs
    numbering: Numbering
    contents_styles: frozenset[str]
    blocks: list[Block] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    questions: list[IntakeQuestion] = field(default_factory=list)
    groups: list[list[Line]] = field(default_factory=list)
    paragraphs: int = 0
    tables: int = 0

    def finish_groups(self) -> None:
        """Turn the lines that are waiting into blocks, before a table or the end."""
        paragraphs, questions = paragraphs_of(join_titles(self.groups), len(self.blocks))
        self.blocks += paragraphs
        self.questions += questions
        self.groups = []


def read_docx(data: bytes) -> Extraction:
    """What a Word document says as it is shown.

    Raises NoticeRefusedError where changes are tracked, and for what is damaged or locked.
    """
    archive = Archive(data)
    main = _main_part(archive)
    folder = main.rpartition("/")[0]
    root = archive.xml(main)
    _refuse_changes(root)
    styles = archive.optional_xml(f"{folder}/styles.xml")
    body = _Body(
        Runs(styles),
        Numbering(archive.optional_xml(f"{folder}/numbering.xml"), styles),
        _contents_styles(styles),
    )
    inner = child(root, "body")
    if inner is None:
        raise damaged()
    for element in _flattened(inner):
        if local(element) == "p":
            _read_paragraph(element, body)
        elif local(element) == "tbl":
            _read_table(element, body)
        elif local(element) == "altChunk":
            _ask(body, "embedded_document", "another document inside this one")
    body.finish_groups()
    body.set_aside += body.runs.set_aside
    body.questions += body.runs.questions
    body.set_aside += _beside(archive, folder)
    return Extraction("docx", tuple(body.blocks), tuple(body.set_aside), tuple(body.questions))


def _main_part(archive: Archive) -> str:
    for relation in archive.xml("_rels/.rels"):
        if (attribute(relation, "Type") or "").endswith("/officeDocument"):
            target = (attribute(relation, "Target") or "").lstrip("/")
            if target in archive.names:
                return target
    raise damaged()


def _refuse_changes(root: "etree._Element") -> None:
    changes = [element for element in root.iter() if local(element) in CHANGES]
    if changes:
        authors = Counter(attribute(change, "author") or "somebody" for change in changes)
        raise NoticeRefusedError(
            None,
            f"{len(changes)} tracked changes by {', '.join(sorted(authors))}",
            "a file in which each was accepted or rejected (Word, WPS: 审阅, 接受 or 拒绝)",
        )


def _contents_styles(styles: "etree._Element | None") -> frozenset[str]:
    return frozenset(
        attribute(style, "styleId") or ""
        for style in (styles if styles is not None else ())
        if CONTENTS_STYLE.match(attribute(child(style, "name"), "val") or "")
    )


def _flattened(parent: "etree._Element") -> Iterator["etree._Element"]:
    """Paragraphs and tables in order, out of the wrappers that content controls are."""
    for element in parent:
        if local(element) in TRANSPARENT:
            yield from _flattened(element)
        elif local(element) == "AlternateContent":
            yield from _flattened(choice(element))
        else:
            yield element


def _texts(element: "etree._Element", body: _Body, origin: Origin) -> list[str]:
    """The lines of a paragraph, its automatic number written before the first."""
    texts = body.runs.texts(element, origin)
    if counted := body.numbering.of_paragraph(child(element, "pPr")):
        number, unknown = body.numbering.next_number(*counted)
        if unknown:
            expected = f"how Word shows a number of the format {unknown}"
            body.questions.append(IntakeQuestion("number_format", number, expected, number, origin))
        blank = " " if ENDS_OPEN.search(number) else ""
        texts[0] = f"{number}{blank}{texts[0]}"
    return texts


def _read_paragraph(element: "etree._Element", body: _Body) -> None:
    body.paragraphs += 1
    origin = Origin(paragraph=body.paragraphs)
    texts = _texts(element, body, origin)
    lines = [line for text in texts if (line := clean_line(text, origin)).text]
    if not lines:
        return
    style = attribute(child(element, "pPr", "pStyle"), "val")
    if style in body.contents_styles:
        text = " ".join(line.text for line in lines)
        body.set_aside.append(SetAside("table of contents", text, origin))
        return
    # A line break inside a paragraph may only be there for its looks.
    for position, line in enumerate(lines):
        goes_on = position and not (
            MARKER.match(line.text) or lines[position - 1].text.endswith(SENTENCE_END)
        )
        if goes_on:
            body.groups[-1].append(line)
        else:
            body.groups.append([line])


def _read_table(table: "etree._Element", body: _Body) -> None:
    """A table as a block; one of a single column is a frame around paragraphs."""
    rows = [row for row in _flattened(table) if local(row) == "tr"]
    cells = [[cell for cell in _flattened(row) if local(cell) == "tc"] for row in rows]
    if all(len(row) <= 1 for row in cells):
        for row in cells:
            for cell in row:
                for element in _flattened(cell):
                    if local(element) == "p":
                        _read_paragraph(element, body)
                    elif local(element) == "tbl":
                        _read_table(element, body)
        return
    body.finish_groups()
    body.tables += 1
    found = read_table(_rows(rows, cells, body), Origin(table=body.tables), len(body.blocks))
    body.blocks += found.blocks
    body.set_aside += found.set_aside
    body.questions += found.questions


def _rows(
    rows: list["etree._Element"], cells: list[list["etree._Element"]], body: _Body
) -> list[Row]:
    """Rows of equal length; a merged cell gives its words to each place that it covers."""
    found: list[list[Cell]] = []
    for number, (row, parts) in enumerate(zip(rows, cells, strict=True), 1):
        line: list[Cell] = []
        skipped = _whole(attribute(child(row, "trPr", "gridBefore"), "val"), 0)
        line += [
            Cell("", Origin(table=body.tables, row=number, column=c + 1)) for c in range(skipped)
        ]
        for part in parts:
            column = len(line)
            origin = Origin(table=body.tables, row=number, column=column + 1)
            cell = Cell(_cell_text(part, body, origin), origin)
            merge = child(part, "tcPr", "vMerge")
            if merge is not None and attribute(merge, "val") in {None, "continue"} and found:
                above = found[-1][column] if column < len(found[-1]) else cell
                cell = replace(cell, text=cell.text or above.text, is_inherited=not cell.text)
            span = _whole(attribute(child(part, "tcPr", "gridSpan"), "val"), 1)
            line.append(cell)
            for extra in range(1, min(span, MOST_COLUMNS)):
                line.append(
                    Cell(cell.text, replace(origin, column=column + 1 + extra), bool(cell.text))
                )
        found.append(line[:MOST_COLUMNS])
    width = max((len(line) for line in found), default=0)
    return [
        tuple(line)
        + tuple(
            Cell("", Origin(table=body.tables, row=number, column=column + 1))
            for column in range(len(line), width)
        )
        for number, line in enumerate(found, 1)
    ]


def _cell_text(cell: "etree._Element", body: _Body, origin: Origin) -> str:
    """The paragraphs of a cell, one a line; a table inside it is a question."""
    texts = []
    for element in _flattened(cell):
        if local(element) == "p":
            texts += _texts(element, body, origin)
        elif local(element) == "tbl":
            inner = [
                text
                for each in element.iter()
                if local(each) == "p"
                for text in _texts(each, body, origin)
            ]
            texts += inner
            _ask(body, "nested_table", " ".join(inner)[:80], origin)
    return "\n".join(texts)


def _ask(body: _Body, kind: str, found: str, origin: Origin | None = None) -> None:
    expected = "what of it belongs to the notice"
    place = origin or Origin(paragraph=body.paragraphs)
    body.questions.append(IntakeQuestion(kind, found, expected, None, place))


def _beside(archive: Archive, folder: str) -> Iterator[SetAside]:
    """Notes, comments, headers and footers, which are no part of the body."""
    for name in sorted(archive.names):
        part = name.removeprefix(f"{folder}/").removesuffix(".xml")
        stem = part.rstrip("0123456789")
        if not name.endswith(".xml") or "/" in part or stem not in NOTES | EDGES:
            continue
        root = archive.xml(name)
        notes = [root] if stem in EDGES else list(root)
        for note in notes:
            # Word keeps the lines above notes as notes of their own
            if (attribute(note, "type") or "normal") not in {"normal"}:
                continue
            text = " ".join(
                words
                for paragraph in note.iter()
                if local(paragraph) == "p"
                and (words := "".join(t.text or "" for t in paragraph.iter() if local(t) == "t"))
            )
            if text.strip():
                rule = (NOTES | EDGES)[stem]
                yield SetAside(rule, text.strip(), Origin())


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value is not None and value.isdecimal() and len(value) < 4 else otherwise
