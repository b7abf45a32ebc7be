"""A new kind of fact is the list in CONTRIBUTING and nothing else: one is added, and goes everywhere."""

import ast
import base64
import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from app.db.models.base import Base, Published
from app.kinds import KINDS, NOTICE_KINDS
from tests.support import ROOT
from tests.support.databases import Databases
from tests.support.new_kind import grow
from tests.support.once import Once

ID = "gd-dg-2022-t17.2-o1"
ATOM = "{http://www.w3.org/2005/Atom}"
# Files with a name of a kind, beside its declaration, model and folder, and what it stands for there.
ELSEWHERE = {
    "app/cli/commands.py": "an argument of a command",
    "app/enums.py": "a value of PlatformKind",
    "app/formats/columns.py": "a member of documents",
    "app/http/problem_schemas.py": "an example of a parameter",
    "app/http/problems.py": "where a mirror begins again",
    "app/http/suggestions.py": "parameters, and what people write for them",
    "app/openapi/document.py": "parameters that take names",
    "app/projections/change_feed.py": "what an entry concerns",
    "app/projections/feed_entries.py": "a member of documents; what an entry concerns",
    "app/projections/marks.py": "a filter by government, which entries are marked for",
    "app/projections/notice_documents.py": "members of documents",
    "app/projections/plan_contents.py": "a value of statements",
    "app/projections/registry_documents.py": "members of documents",
    "app/projections/subscriptions.py": "filters of webhooks; what refers to what belongs to no plan",
    "app/reading/names.py": "parameters that say which governments a request is about",
    "app/resources/deadlines/ics.py": "members of documents",
    "app/resources/deadlines/queries.py": "parameters",
    "app/resources/monitoring/queries.py": "rows of which a plan's state is computed; a parameter",
    "app/resources/search/queries.py": "a parameter",
    "app/resources/search/schemas.py": "an example of a path",
    "app/resources/webhooks/commands.py": "filters of webhooks",
    "app/resources/webhooks/queries.py": "a member of webhooks",
    "app/writing/facts.py": "a member of a body",
    "app/writing/permissions.py": "a value of Reach",
}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A copy of the service with one kind more, and the files that this took."""
    folder = tmp_path_factory.mktemp("grown")
    return folder, grow(folder)


@pytest.fixture(scope="module")
def found_on_each(
    on_sqlite: Databases, on_postgresql: Databases, grown: tuple[Path, set[str]], once: Once
) -> Any:
    """Kind of database → what each way to the new facts gives."""
    return once("new kind", lambda: walked(grown[0], on_sqlite, on_postgresql))


def walked(folder: Path, on_sqlite: Databases, on_postgresql: Databases) -> dict[str, Any]:
    with on_sqlite.loaded() as one, on_postgresql.loaded() as other:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.support.new_kind_walk", one, other],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])  # Alembic writes lines before it
    return dict(zip((on_sqlite.kind, on_postgresql.kind), found, strict=True))


@pytest.fixture
def found(databases: Databases, found_on_each: Any) -> Any:
    """What each way to the new facts gives."""
    return found_on_each[databases.kind]


def test_contributing_lists_what_a_new_kind_of_fact_takes(grown: tuple[Path, set[str]]) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    steps = re.findall(r"^\d\. (.*)$", text.partition("**To add a kind of fact**")[2], re.MULTILINE)
    named = {path for step in steps for path in re.findall(r"`(\w+/[\w./]+)`", step)}
    touched = {re.sub(r"versions/.*", "versions/", path) for path in grown[1]}
    folder = "app/resources/obstacles/"
    assert named == {path for path in touched if not path.startswith(folder)} | {folder}


def test_it_is_written_replaced_and_withdrawn_by_those_who_may(found: dict[str, Any]) -> None:
    assert found["statuses"] == [201, 201, 201, 201]
    assert found["refused"] == [403, 403]


def test_it_is_read_and_listed(found: dict[str, Any]) -> None:
    assert found["created"]["id"] == ID
    assert found["one"]["state"] == "replaced"
    states = {one["id"]: one["state"] for one in found["listed"]["data"]}
    assert states == {ID: "replaced", "gd-dg-2022-t17.2-o2": "withdrawn"}
    assert [one["id"] for one in found["of_task"]["data"]] == ["gd-dg-2022-t17.2-o2"]


def test_it_has_its_versions(found: dict[str, Any]) -> None:
    assert [(one["version"], one["cause"]) for one in found["versions"]] == [
        (2, "practice"),
        (1, "practice"),
    ]
    assert found["first_version"] == found["created"]


def test_it_is_exported_with_its_columns(found: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(found["csv"].removeprefix("\ufeff"))))
    assert [(row["id"], row["heading"], row["state"]) for row in rows] == [
        (ID, "缺少数据", "replaced"),
        ("gd-dg-2022-t17.2-o2", "缺少数据", "withdrawn"),
    ]
    assert [json.loads(line) for line in found["ndjson"].splitlines()] == found["listed"]["data"]
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(found["xlsx"])))["困难"]
    assert [cell.value for cell in sheet["A"]] == ["编号", ID, "gd-dg-2022-t17.2-o2"]


def test_it_is_in_the_change_feed_and_found_there(found: dict[str, Any]) -> None:
    told = [(one["id"][-2:], one["op"], one["resource_label"]) for one in found["changes"]]
    assert told == [
        ("o1", "created", "困难"),
        ("o1", "updated", "困难"),
        ("o2", "created", "困难"),
        ("o2", "updated", "困难"),
    ]
    assert found["changes_of_agency"] == found["changes"]


def test_atom_has_its_title_and_author(found: dict[str, Any]) -> None:
    entries = ElementTree.fromstring(found["atom"]).findall(f"{ATOM}entry")  # noqa: S314 - of ours
    titles = [str(entry.findtext(f"{ATOM}title")) for entry in entries]
    assert titles[-1] == "新增困难：缺少数据（省政务服务数据管理局）"
    link = entries[-1].find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"/tasks/gd-dg-2022-t17.2#{ID}"


def test_a_webhook_is_sent_its_message(found: dict[str, Any]) -> None:
    content = found["message"]["markdown"]["content"]
    assert content == "**困难 · 新增**\n缺少数据\n> 截至：2022-06-30\n试验数据。"
    events = {one["event"] for one in found["deliveries"]}
    assert events == {"obstacle.created"}


def test_it_is_in_the_download_of_its_plan(found: dict[str, Any]) -> None:
    assert found["download"]["obstacles"] == found["listed"]["data"]
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(found["download_xlsx"])))
    assert book["困难"].max_row == 3


def test_rebuilding_changes_nothing_of_it(found: dict[str, Any]) -> None:
    assert found["rebuilt"] == {"differed": 0, "same": True, "counted": 2}


def test_the_contract_has_it_with_its_tag_and_security(found: dict[str, Any]) -> None:
    contract = found["contract"]
    assert found["links"]["obstacles"] == "/v1/obstacles"
    tag = {"name": "obstacles", "description": "困难。What holds tasks up."}
    assert tag in contract["tags"]
    schemas = contract["components"]["schemas"]
    assert schemas["PublishedKind"]["enum"] == found["kinds"]
    assert "obstacle" in found["kinds"]
    assert "obstacles" in schemas["PlanDownload"]["required"]
    assert "obstacles" in schemas["Links"]["required"]
    create = contract["paths"]["/v1/tasks/{task_id}/obstacles"]["post"]
    withdraw = contract["paths"]["/v1/obstacles/{obstacle_id}/withdrawal"]["post"]
    assert create["security"] == [{"reporter": []}]
    assert withdraw["security"] == [{"coordinator": []}]


def test_everything_published_is_of_one_declared_kind() -> None:
    published = {one.class_ for one in Base.registry.mappers if issubclass(one.class_, Published)}
    declared = [kind.model for kind in KINDS]
    assert set(declared) == published
    assert len(declared) == len(published)


def test_no_two_kinds_have_one_mark_in_the_index() -> None:
    marks = [kind.search.mark for kind in NOTICE_KINDS]
    assert len(set(marks)) == len(marks)


def literals(path: Path) -> Iterator[str]:
    """The texts in code, without docstrings; of f-strings the fixed parts."""
    tree = ast.parse(path.read_text("utf-8"))
    documented = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in documented
        ):
            yield node.value


def names_a_kind(text: str) -> bool:
    """Whether a text is the name of a kind, its plural, or a path of it."""
    return any(text in (kind.name, kind.plural) or text.startswith(kind.path) for kind in KINDS)


def test_names_of_kinds_stand_only_where_these_are_declared() -> None:
    own = [f"app/resources/{kind.plural}/" for kind in KINDS]
    declared = ("app/kinds/", "app/db/models/", "app/pages/", *own)  # pages are made for each
    of_plans = (
        "app/projections/comparison/",
        "app/resources/comparisons/",
    )  # what two of these share
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith((*declared, *of_plans)) and any(map(names_a_kind, literals(path))):
            found.add(name)
    assert sorted(found ^ set(ELSEWHERE)) == []
