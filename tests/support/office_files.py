"""Small DOCX files, written as their parts, so that a test shows what Word would write."""

import io
import zipfile

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="word/document.xml" Type=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""


def archive(parts: dict[str, str | bytes]) -> bytes:
    """A ZIP file of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A document with this body; `numbering`, `styles`, `comments`, … are the insides of parts."""
    roots = {"header1": "hdr", "footer1": "ftr"}
    return archive(
        {
            "_rels/.rels": RELATIONS,
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **{
                f"word/{name}.xml": (
                    f"<w:{roots.get(name, name)} {W}>{inside}</w:{roots.get(name, name)}>"
                )
                for name, inside in parts.items()
            },
        }
    )


def p(text: str, properties: str = "", run: str = "") -> str:
    """A paragraph of one run; `run` are the properties of the run."""
    return (
        f"<w:p><w:pPr>{properties}</w:pPr>"
        f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def numbered(text: str, level: int = 0, number: int = 1) -> str:
    """A paragraph that Word numbers."""
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return p(text, place)


def tc(text: str, properties: str = "") -> str:
    """A table cell."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def table(*rows: str) -> str:
    """A table of rows, each the cells in it."""
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"
