"""A kind of fact that nobody needs, as a pull request would add it: obstacles of tasks.

`grown` makes a copy of the service and adds to it what CONTRIBUTING lists, file by file.
"""

import json
import shutil
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.support import ROOT

MODEL = '''

class Obstacle(Fact, Base):
    """What holds a task up, as one of its agencies says."""

    __tablename__ = "obstacle"
    __table_args__ = (
        UniqueConstraint("task_id", "ordinal"),
        UniqueConstraint("replaces_id"),
        *orders(["recorded_at"]),
        STRICT,
    )
    recorded: ClassVar = (
        "id", "plan_id", "task_id", "ordinal", "agency_id", "as_of", "heading", "text",
        "replaces_id", "evidence", "recorded_at",
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    ordinal: Mapped[int]
    agency_id: Mapped[str] = mapped_column(ForeignKey("agency.id"), index=True)
    as_of: Mapped[date]
    heading: Mapped[str]
    text: Mapped[str]
'''
DECLARATION = '''"""Obstacles: what holds tasks up."""

from datetime import date
from typing import Any

from pydantic import Field

from app.db import models
from app.enums import KeyRole
from app.formats.columns import ID, PLAN, day, prose, reference, text
from app.kinds.document import Document, agency_ref, task_ref
from app.kinds.kind import FactKind
from app.kinds.standing import STANDING, standing, with_standing
from app.schemas.references import AgencyRef, PlanId, TaskRef
from app.schemas.practice import Standing


class Obstacle(Standing):
    """What holds a task up, as one of its agencies says."""

    id: str
    plan: PlanId
    task: TaskRef
    agency: AgencyRef = Field(description="who says it")
    as_of: date
    heading: str
    text: str


def _document(row: Any) -> Document:
    obstacle, withdrawal, replaced_by, task, agency = row
    return {
        "id": obstacle.id,
        "plan": obstacle.plan_id,
        "task": task_ref(task),
        "agency": agency_ref(agency),
        "as_of": obstacle.as_of,
        "heading": obstacle.heading,
        "text": obstacle.text,
        **standing(obstacle, withdrawal, replaced_by),
    }


OBSTACLE = FactKind(
    model=models.Obstacle,
    label="困难",
    tag="困难。What holds tasks up.",
    title=lambda obstacle: obstacle["heading"],
    author=lambda obstacle: obstacle["agency"]["name"],
    message=lambda obstacle: ([("截至", obstacle["as_of"])], obstacle["text"]),
    agencies=lambda obstacle: [obstacle["agency"]["id"]],
    written_by=KeyRole.REPORTER,
    schema=Obstacle,
    statement=with_standing(models.Obstacle, models.Task, models.Agency)
    .join(models.Task, models.Task.id == models.Obstacle.task_id)
    .join(models.Agency, models.Agency.id == models.Obstacle.agency_id),
    document=_document,
    columns=[
        ID,
        PLAN,
        *reference("task", "任务"),
        *reference("agency", "提交机构", "name"),
        day("as_of", "截至"),
        text("heading", "标题"),
        prose("text", "内容"),
        *STANDING,
    ],
)
'''
SCHEMAS = '''"""JSON shapes of obstacles."""

from pydantic import BaseModel, Field

from app.http.bodies import Body, BodyDate, EvidenceSubmission, prose
from app.kinds.obstacle import Obstacle
from app.reading.list_params import PageInfo


class ObstacleSubmission(Body):
    """What holds a task up, as the agency of your key says."""

    as_of: BodyDate
    heading: prose(200)
    text: prose(4000)
    evidence: list[EvidenceSubmission] = Field(default=[], max_length=20)
    replaces: str | None = Field(default=None, max_length=200)


class ObstaclePage(BaseModel):
    """A page of obstacles."""

    data: list[Obstacle]
    page: PageInfo
'''
QUERIES = '''"""Reading obstacles."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from app.db.models import Obstacle, Task
from app.http.parameters import ShortText
from app.reading.fact_lists import FactFilters, FactSort
from app.reading.filters import among
from app.reading.list_params import TASK, ListQuery
from app.reading.listing import Listing
from app.reading.names import Lookup


class ObstacleListQuery(FactFilters, ListQuery):
    """The parameters of the list of obstacles."""

    task: Annotated[list[ShortText], among(Obstacle.task_id, lookup=Lookup(Task.id))] = TASK
    sort: FactSort = Field(default=FactSort.RECORDED_AT, description="order")


OBSTACLES = Listing.of(
    Obstacle,
    ObstacleListQuery,
    {
        FactSort.RECORDED_AT: [(Obstacle.recorded_at, datetime)],
        FactSort.AS_OF: [(Obstacle.as_of, date)],
        FactSort.CHANGED_AT: [(Obstacle.changed_at, datetime)],
    },
)
'''
COMMANDS = '''"""Writing obstacles."""

from app.db.models import Obstacle
from app.resources.obstacles.schemas import ObstacleSubmission
from app.writing.facts import (
    assigned_task,
    fact_columns,
    next_ordinal,
    not_later_than_today,
    replaced_row,
    store,
)
from app.writing.unit_of_work import Write, WriteResult


def add_obstacle(write: Write, task_id: str, new: ObstacleSubmission) -> WriteResult:
    """Add what an agency says."""
    task, agency, _ = assigned_task(write, task_id)
    not_later_than_today(write, new.as_of)
    replaced = None
    if new.replaces is not None:
        same = {"task_id": task_id, "agency_id": agency.id}
        replaced = replaced_row(write, Obstacle, new.replaces, **same)
    ordinal = next_ordinal(write.session, Obstacle, task_id=task_id)
    obstacle = Obstacle(
        id=f"{task_id}-o{ordinal}",
        **fact_columns(write, new.evidence, replaced),
        plan_id=task.plan_id,
        task_id=task_id,
        ordinal=ordinal,
        agency_id=agency.id,
        as_of=new.as_of,
        heading=new.heading,
        text=new.text,
    )
    return store(write, obstacle, task, agency)
'''
ROUTES = '''"""`/v1/obstacles`: what holds tasks up."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.db.models import Obstacle as ObstacleRow
from app.http.media_types import EXPORTS
from app.http.problems import (
    ConflictError,
    GoneError,
    IdempotencyKeyReusedError,
    InvalidCursorError,
    NotFoundError,
    documented,
)
from app.kinds.obstacle import Obstacle
from app.reading.one import DocumentParams, ResourceId, one_document
from app.reading.paging import list_page
from app.reading.transaction import ReaderDep
from app.resources.obstacles import commands
from app.resources.obstacles.queries import OBSTACLES, ObstacleListQuery
from app.resources.obstacles.schemas import ObstaclePage, ObstacleSubmission
from app.routing import Operation, WriteDep, WriteOperation
from app.writing.facts import WithdrawalSubmission, withdraw
from app.writing.unit_of_work import WriteResponse

router = APIRouter(route_class=Operation, prefix="/v1", tags=["obstacles"])
writing = APIRouter(route_class=WriteOperation)


@router.get(
    "/obstacles",
    response_model=ObstaclePage,
    responses={**EXPORTS, **documented(InvalidCursorError)},
)
async def list_obstacles(
    request: Request, reader: ReaderDep, params: Annotated[ObstacleListQuery, Query()]
) -> Response:
    """困难。Obstacles, in the order in which they came."""
    return await list_page(request, reader, OBSTACLES, params, params.sort)


@router.get(
    "/obstacles/{obstacle_id}",
    response_model=Obstacle,
    responses=documented(NotFoundError, GoneError),
)
async def get_obstacle(
    request: Request, reader: ReaderDep, obstacle_id: ResourceId, params: DocumentParams
) -> Response:
    """一项困难。One obstacle."""
    return await one_document(request, reader, ObstacleRow, obstacle_id, params)


@writing.post(
    "/tasks/{task_id}/obstacles",
    status_code=201,
    response_model=Obstacle,
    responses=documented(NotFoundError, GoneError, ConflictError, IdempotencyKeyReusedError),
)
async def create_obstacle(
    write: WriteDep, task_id: ResourceId, body: ObstacleSubmission
) -> WriteResponse:
    """提交一项困难。Say what holds a task up."""
    return await write.perform(commands.add_obstacle, task_id, body)


@writing.post(
    "/obstacles/{obstacle_id}/withdrawal",
    status_code=201,
    response_model=Obstacle,
    responses=documented(NotFoundError, ConflictError, IdempotencyKeyReusedError),
)
async def withdraw_obstacle(
    write: WriteDep, obstacle_id: ResourceId, body: WithdrawalSubmission
) -> WriteResponse:
    """撤回一项困难。Withdraw a wrong obstacle."""
    return await write.perform(withdraw, ObstacleRow, obstacle_id, body.reason)


router.include_router(writing)
'''
MIGRATION = '''"""obstacles"""

import sqlalchemy as sa
from alembic import op

from app.db.columns import CodePointText, Instant, Json

revision = "next"
down_revision = "HEAD"
branch_labels = None
depends_on = None


def upgrade() -> None:
    states = ("in_force", "replaced", "withdrawn")
    state = sa.Enum(
        *states, name="factstate", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "obstacle",
        *(
            sa.Column(name, CodePointText, nullable=name == "replaces_id")
            for name in (
                "id", "document", "plan_id", "replaces_id", "task_id", "agency_id", "heading",
                "text",
            )
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle")),
        *(
            sa.ForeignKeyConstraint(
                [f"{of}_id"], [f"{of}.id"], name=op.f(f"fk_obstacle_{of}_id_{of}")
            )
            for of in ("plan", "task", "agency")
        ),
        sa.UniqueConstraint("task_id", "ordinal", name=op.f("uq_obstacle_task_id_ordinal")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_obstacle_replaces_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_obstacle_agency_id", "obstacle", ["agency_id"])
    op.create_index("ix_obstacle_plan_id", "obstacle", ["plan_id"])
    op.create_index("ix_obstacle_changed_at_obstacle_id", "obstacle", ["changed_at", "id"])
    op.create_index("ix_obstacle_recorded_at_obstacle_id", "obstacle", ["recorded_at", "id"])


def downgrade() -> None:
    op.drop_table("obstacle")
'''
ADDED = {
    "app/kinds/obstacle.py": DECLARATION,
    "app/resources/obstacles/__init__.py": '"""What holds tasks up."""\n',
    "app/resources/obstacles/schemas.py": SCHEMAS,
    "app/resources/obstacles/queries.py": QUERIES,
    "app/resources/obstacles/commands.py": COMMANDS,
    "app/resources/obstacles/routes.py": ROUTES,
}
# File → each text that is there once, and what comes before it.
EDITED = {
    "app/db/models/__init__.py": [
        ("    Report,\n", "    Obstacle,\n"),
        ('    "Place",\n', '    "Obstacle",\n'),
    ],
    "app/kinds/__init__.py": [
        ("from app.kinds.plan import PLAN\n", "from app.kinds.obstacle import OBSTACLE\n"),
        ("    ASSESSMENT,\n    BULLETIN,\n    ERROR_REPORT,\n)", "    OBSTACLE,\n"),
    ],
    "app/main.py": [
        (
            "from app.resources.operations import routes as operations\n",
            "from app.resources.obstacles import routes as obstacles\n",
        ),
        ("        monitoring,\n", "        obstacles,\n"),
    ],
}
EXAMPLES = {
    "listObstacles": {},
    "getObstacle": {},
    "listObstacleVersions": {},
    "getObstacleVersion": {},
    "createObstacle": {"application/json": {"request": "POST /v1/tasks/…/obstacles", "body": {}}},
    "withdrawObstacle": {
        "application/json": {"request": "POST /v1/obstacles/…/withdrawal", "body": {}}
    },
}


def grow(folder: Path) -> set[str]:
    """Copy the service, and add the kind to it; gives the files that were added or edited."""
    for name in ("app", "migrations"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, text in ADDED.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    for name, edits in EDITED.items():
        for there, added in edits:
            _insert(folder / name, there, added)
    with (folder / "app/db/models/practice.py").open("a", encoding="utf-8") as models:
        models.write(MODEL)
    head = _head()
    migration = "migrations/versions/next_obstacles.py"
    (folder / migration).write_text(MIGRATION.replace("HEAD", head), "utf-8")
    main, revision = folder / "app/main.py", f'SCHEMA_REVISION = "{head}"'
    assert main.read_text("utf-8").count(revision) == 1
    main.write_text(main.read_text("utf-8").replace(revision, 'SCHEMA_REVISION = "next"'), "utf-8")
    examples = folder / "app/openapi/examples.json"
    asked = json.loads(examples.read_text("utf-8"))
    asked["operations"] |= EXAMPLES
    examples.write_text(json.dumps(asked), "utf-8")
    rest = {"app/db/models/practice.py", "app/openapi/examples.json", migration}
    return {*ADDED, *EDITED, *rest}


def _insert(path: Path, there: str, added: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(there) == 1, (path.name, there)
    path.write_text(text.replace(there, added + there), "utf-8")


def _head() -> str:
    scripts = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
    return str(scripts.get_current_head())
