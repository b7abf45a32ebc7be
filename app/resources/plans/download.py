"""A whole plan in one file, from one database snapshot."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from app.db.engine import Reader
from app.db.models import Plan
from app.enums import Script, TableHeader
from app.formats.tables import csv_head, csv_rows
from app.formats.xlsx import EPOCH, workbook_of
from app.http.languages import in_script
from app.http.media_types import JSON_TYPE, MARKDOWN_TYPE, NDJSON_TYPE, XLSX_TYPE, ZIP_TYPE
from app.kinds import FACT_KINDS
from app.kinds.agency import AGENCY
from app.kinds.document import Document
from app.kinds.jurisdiction import JURISDICTION
from app.kinds.kind import Kind
from app.kinds.plan import PLAN
from app.kinds.platform import PLATFORM
from app.kinds.section import SECTION
from app.kinds.target import TARGET
from app.kinds.task import TASK
from app.projections.change_feed import FEED_HEAD
from app.projections.json_text import as_json
from app.projections.plan_contents import OF_PLAN, PARTS
from app.reading.one import one_row
from app.resources.plans.markdown import as_markdown
from app.resources.plans.queries import plan_text
from app.resources.plans.stratml import as_stratml

FACTS: dict[Kind, Select[Any]] = {
    kind: select(kind.model.id, kind.model.document)
    .where(kind.model.plan_id == OF_PLAN, kind.model.withdrawn_at.is_(None))
    .order_by(kind.model.recorded_at, kind.model.id)
    for kind in FACT_KINDS
}
# The sheets of a workbook, and of which documents each is made.
IN_WORKBOOK = (PLAN, SECTION, TASK, TARGET, AGENCY, PLATFORM, JURISDICTION, *FACT_KINDS)
SHEETS = {name: table for kind in IN_WORKBOOK for name, table in kind.in_plan.items()}
MADE_OF = {name: kind for kind in IN_WORKBOOK for name in kind.in_plan}


@dataclass(frozen=True)
class Download:
    """A plan with all that it refers to: JSON documents, byte for byte as they are served alone."""

    seq: int
    epoch: str
    plan: str
    text: Document
    parts: Mapping[Kind, Sequence[str]]

    def read(self, kind: Kind) -> list[dict[str, Any]]:
        """The documents of a part, parsed."""
        return [json.loads(document) for document in self.parts[kind]]


async def read_download(reader: Reader, plan_id: str, prefix: str) -> Download:
    """A whole plan in one snapshot; one statement for each part, and four more.

    The URLs of pictures in it begin with `prefix`.

    Raises NotFoundError, or GoneError for a withdrawn plan.
    """
    row = await one_row(reader, Plan, plan_id, Plan.document)
    parts: dict[Kind, Sequence[str]] = {}
    for kind, statement in (PARTS | FACTS).items():
        found = await reader.execute(statement, {"plan": plan_id})
        parts[kind] = [row.document for row in found]
    epoch, seq = (await reader.execute(FEED_HEAD)).one()
    text = await plan_text(reader, plan_id, prefix)
    return Download(seq, epoch, row.document, text, parts)


def written(
    download: Download, media_type: str, header: TableHeader, language: Script
) -> str | bytes:
    """The download in a format.

    Text stays in the notice's script, since middleware converts it; XLSX and ZIP are converted here.
    """
    match media_type:
        case t if t == JSON_TYPE:
            return _as_json(download)
        case t if t == NDJSON_TYPE:
            return _as_ndjson(download)
        case t if t == ZIP_TYPE:
            return _as_zip(download, header, language)
        case t if t == XLSX_TYPE:
            of_kind = {
                kind: [in_script(document, language) for document in _documents(download, kind)]
                for kind in IN_WORKBOOK
            }
            documents = {name: of_kind[MADE_OF[name]] for name in SHEETS}
            return workbook_of(header, SHEETS, documents, language)
        case t if t == MARKDOWN_TYPE:
            return as_markdown(
                json.loads(download.plan),
                download.text["text"],
                download.read(SECTION),
                download.read(TASK),
            )
    return as_stratml(
        json.loads(download.plan),
        download.read(SECTION),
        download.read(TASK),
        download.read(TARGET),
    )


def _as_json(download: Download) -> str:
    lists = ",".join(
        f'"{kind.plural}":[{",".join(documents)}]' for kind, documents in download.parts.items()
    )
    plan, text = f'"plan":{download.plan}', f'"text":{as_json(download.text)}'
    return f"{{{_position(download)},{plan},{text},{lists}}}"


def _position(download: Download) -> str:
    """The members with the position of the download in the change feed."""
    return f'"seq":{download.seq},"epoch":"{download.epoch}"'


def _as_ndjson(download: Download) -> str:
    """One line for each document, with its kind; the first has the position in the change feed."""
    plan = download.text["plan"]
    position = f'{{{_position(download)},"plan":"{plan}"}}'
    lines = [f'{{"resource":"download","document":{position}}}']
    for kind, documents in {PLAN: [download.plan], **download.parts}.items():
        lines += [f'{{"resource":"{kind.name}","document":{document}}}' for document in documents]
    lines.append(f'{{"resource":"text","document":{as_json(download.text)}}}')
    return "\n".join([*lines, ""])


def _documents(download: Download, kind: Kind) -> Sequence[str]:
    """All of a kind, the plan itself included."""
    return [download.plan] if kind is PLAN else download.parts[kind]


def _plural(sheet: str) -> str:
    kind = MADE_OF[sheet]
    return kind.plural if sheet == kind.name else f"{sheet}s"


def _as_zip(download: Download, header: TableHeader, language: Script) -> bytes:
    """One CSV file for each sheet; the same plan gives the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, table in SHEETS.items():
            text = csv_head(table, header) + csv_rows(
                table, header, _documents(download, MADE_OF[name])
            )
            entry = zipfile.ZipInfo(f"{_plural(name)}.csv", EPOCH.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, in_script(text, language).encode())
    return packed.getvalue()
