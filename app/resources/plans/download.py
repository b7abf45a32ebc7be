"""A whole plan in one file, as it was at one moment of the change feed."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select

from app.db.engine import Reader
from app.db.models import FACTS, Agency, Assignment, Mention, Plan, Platform, Section, Target, Task
from app.enums import Script, TableHeader
from app.formats.table_columns import ASSIGNMENTS, GROUPS, LEAVES, TABLES
from app.formats.tables import csv_head, csv_rows
from app.formats.xlsx import EPOCH, workbook_of
from app.http.languages import in_script
from app.http.media_types import JSON_TYPE, MARKDOWN_TYPE, NDJSON_TYPE, XLSX_TYPE, ZIP_TYPE
from app.projections.change_feed import FEED_HEAD
from app.reading.one import one_row
from app.resources.plans.markdown import as_markdown
from app.resources.plans.queries import plan_text
from app.resources.plans.schemas import PlanText
from app.resources.plans.stratml import as_stratml

OF_PLAN: BindParameter[str] = bindparam("plan")
IN_TASKS = (
    select(Assignment.agency_id)
    .join(Task, Task.id == Assignment.task_id)
    .where(Task.plan_id == OF_PLAN, Task.withdrawn_at.is_(None))
)
NAMED = select(Mention.platform_id).where(Mention.plan_id == OF_PLAN)


def _live(table: Any, condition: Any, *order: Any) -> Select[Any]:
    return select(table.document).where(condition, table.withdrawn_at.is_(None)).order_by(*order)


# The parts in the order in which they refer to each other.
PARTS: Mapping[str, Select[Any]] = {
    "section": _live(Section, Section.plan_id == OF_PLAN, Section.ordinal),
    "agency": _live(Agency, Agency.id.in_(IN_TASKS), Agency.position),
    "platform": _live(Platform, Platform.id.in_(NAMED), Platform.position),
    "task": _live(Task, Task.plan_id == OF_PLAN, Task.span_start, Task.id),
    "target": _live(Target, Target.plan_id == OF_PLAN, Target.span_start, Target.ordinal),
    **{
        fact.__tablename__: _live(fact, fact.plan_id == OF_PLAN, fact.recorded_at, fact.id)
        for fact in FACTS
    },
}
PLURALS = {
    "section": "sections",
    "agency": "agencies",
    "platform": "platforms",
    "task": "tasks",
    "target": "targets",
    **{fact.__tablename__: f"{fact.__tablename__}s" for fact in FACTS},
}

# The sheets of a workbook: those of parts, and others made of the documents of a part.
SHEETS = {
    **{name: TABLES[name] for name in ("plan", "section")},
    "task": LEAVES,
    "group": GROUPS,
    "assignment": ASSIGNMENTS,
    **{name: TABLES[name] for name in ("target", "agency", "platform")},
    **{fact.__tablename__: TABLES[fact.__tablename__] for fact in FACTS},
}
MADE_OF = {"group": "task", "assignment": "task"}


@dataclass(frozen=True)
class Download:
    """A plan with all that it refers to: documents as JSON, exactly as they are served alone."""

    seq: int
    epoch: str
    plan: str
    text: PlanText
    parts: Mapping[str, Sequence[str]]

    def read(self, resource: str) -> list[dict[str, Any]]:
        """The documents of a part, parsed."""
        return [json.loads(document) for document in self.parts[resource]]


async def read_download(reader: Reader, plan_id: str) -> Download:
    """All of a plan in one snapshot; a statement a part, and four.

    Raises NotFoundError, or GoneError for a plan that was withdrawn.
    """
    row = await one_row(reader, Plan, plan_id, Plan.document)
    parts = {}
    for resource, statement in PARTS.items():
        found = await reader.execute(statement, {"plan": plan_id})
        parts[resource] = list(found.scalars())
    epoch, seq = (await reader.execute(FEED_HEAD)).one()
    return Download(seq, epoch, row.document, await plan_text(reader, plan_id), parts)


def written(
    download: Download, media_type: str, header: TableHeader, language: Script
) -> str | bytes:
    """The download in a format; text goes out in the notice's script and is converted on its way."""
    match media_type:
        case t if t == JSON_TYPE:
            return _as_json(download)
        case t if t == NDJSON_TYPE:
            return _as_ndjson(download)
        case t if t == ZIP_TYPE:
            return _as_zip(download, header, language)
        case t if t == XLSX_TYPE:
            documents = {
                name: [in_script(document, language) for document in _sheet(download, name)]
                for name in SHEETS
            }
            return workbook_of(header, SHEETS, documents, language)
        case t if t == MARKDOWN_TYPE:
            return as_markdown(
                json.loads(download.plan),
                download.text.text,
                download.read("section"),
                download.read("task"),
            )
    return as_stratml(
        json.loads(download.plan),
        download.read("section"),
        download.read("task"),
        download.read("target"),
    )


def _as_json(download: Download) -> str:
    lists = ",".join(
        f'"{PLURALS[resource]}":[{",".join(documents)}]'
        for resource, documents in download.parts.items()
    )
    plan, text = f'"plan":{download.plan}', f'"text":{download.text.model_dump_json()}'
    return f"{{{_stand(download)},{plan},{text},{lists}}}"


def _stand(download: Download) -> str:
    """The members that say at which moment of the change feed it is true."""
    return f'"seq":{download.seq},"epoch":"{download.epoch}"'


def _as_ndjson(download: Download) -> str:
    """A line a document, each with its kind; the first line says for which `seq` all is true."""
    plan = download.text.plan
    stand = f'{{{_stand(download)},"plan":"{plan}"}}'
    lines = [f'{{"resource":"download","document":{stand}}}']
    for resource, documents in {"plan": [download.plan], **download.parts}.items():
        lines += [f'{{"resource":"{resource}","document":{document}}}' for document in documents]
    lines.append(f'{{"resource":"text","document":{download.text.model_dump_json()}}}')
    return "\n".join([*lines, ""])


def _sheet(download: Download, name: str) -> Sequence[str]:
    """The documents that a sheet is made of."""
    return [download.plan] if name == "plan" else download.parts[MADE_OF.get(name, name)]


def _as_zip(download: Download, header: TableHeader, language: Script) -> bytes:
    """A CSV a sheet; the same plan gives the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, table in SHEETS.items():
            text = csv_head(table, header) + csv_rows(table, header, _sheet(download, name))
            entry = zipfile.ZipInfo(f"{PLURALS.get(name, f'{name}s')}.csv", EPOCH.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, in_script(text, language).encode())
    return packed.getvalue()
