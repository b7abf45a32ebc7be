"""`seed load` and `seed status`: everything finished is stored; the rest is named, and stops nobody."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from starlette.testclient import TestClient

from app.clock import day_in_china, utc_now
from app.main import create_app
from app.settings import Settings
from seed.__main__ import main
from seed.intake.storing import Source as Received
from seed.intake.storing import store
from seed.intake.text import read_text
from seed.plan_reading import read_plan
from seed.plan_state import state_of
from seed.refusals import NoticeRefusedError
from seed.sources import Source
from seed.yaml_files import read_yaml
from tests.support.clerk import PLAN, numbers, take_in
from tests.support.databases import Databases
from tests.support.pages import parsed

Run = Callable[..., tuple[int, str, str]]
FINISHED = """一、夯实基础
（一）建设平台。建成平台3个。（省公安厅牵头）
（二）完善制度。6月底前印发办法。（省司法厅牵头）"""
OURS = "zz-ours-2030"
LAUGHS = "&a [a, a]\n" + "".join(f"- &b{n} [*a, *a]\n" for n in range(9))


@pytest.fixture
def notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's folder."""
    monkeypatch.setenv("WORKPLAN_NOTICES", str(tmp_path / "notices"))
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    return tmp_path / "notices"


@pytest.fixture
def run(notices: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: its exit status and what it printed.  The repository has one small notice."""
    repository = notices.parent / "repository"
    take_in(repository, FINISHED, OURS)
    assert main(["read", "--notices", str(repository)]) == 0
    capsys.readouterr()

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--notices", str(repository)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def sqlite_url(on_sqlite: Databases) -> Iterator[str]:
    """A database without a notice; the kind makes no difference to what is loaded."""
    with on_sqlite.with_tables() as url:
        yield url


def loaded(url: str) -> list[str]:
    """The ids of the plans in a database."""
    engine = create_engine(url)
    with engine.begin() as connection:
        found = list(connection.scalars(text("SELECT id FROM plan ORDER BY id")))
    engine.dispose()
    return found


def test_what_is_finished_is_loaded_and_the_rest_is_named(
    notices: Path, run: Run, tables_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", tables_url)
    take_in(notices, FINISHED, "zz-finished-2030")
    take_in(notices)
    (notices / "zz-broken-2030").mkdir()
    status, out, err = run("load")
    assert status == 3
    assert "plan: 2 added" in out
    assert err.splitlines() == [
        "left out, zz-broken-2030: no notice in zz-broken-2030; expected seed intake FILE first",
        f"left out, {PLAN}: 5 open questions; see seed read {PLAN}",
    ]
    assert loaded(tables_url) == ["zz-finished-2030", OURS]
    status, out, _ = run("load")
    assert status == 3
    assert "plan: 0 added, 0 changed, 0 withdrawn, 2 unchanged" in out
    assert run("load", "zz-finished-2030")[0] == 0
    assert run("load", PLAN)[0] == 1


def test_where_a_notice_is_from_and_who_read_and_checked_it_is_served(
    notices: Path, run: Run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", sqlite_url)
    folder = take_in(notices)
    source = folder / "source.yaml"
    written = source.read_text("utf-8").replace("address: null", "address: https://a.example/8")
    source.write_text(written.replace("retrieved_on: null", "retrieved_on: 2030-01-09"), "utf-8")
    run("read", PLAN)
    for number in numbers(folder).values():
        assert run("answer", PLAN, str(number), "--by", "王芳")[2] == ""
    assert run("approve", PLAN, "--by", "李明")[::2] == (0, "")
    assert run("load", PLAN)[::2] == (0, "")
    with TestClient(create_app(Settings(database_url=sqlite_url))) as client:
        plan = client.get(f"/v1/plans/{PLAN}").json()
    assert plan["source"]["address"] == "https://a.example/8"
    assert plan["source"]["retrieved_on"] == "2030-01-09"
    today = str(day_in_china(utc_now()))
    reading = plan["reading"]
    assert [reading["read_by"], reading["read_on"]] == ["王芳", today]
    assert [reading["checked_by"], reading["checked_on"]] == ["李明", today]
    assert reading["signs_acknowledged"] == 1  # that （三） is missing, of five questions


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("address: null", "address: javascript:alert(1)", "address javascript:alert(1); expected an address such as https://…"),
        ("address: null", "address: 8", "address 8; expected"),
        ("address: null", "address: 'http://['", "address http://[; expected"),
        ("retrieved_on: null", "retrieved_on: 2030-02-30", "expected"),
        ("retrieved_on: null", "retrieved_on: 9 January", "retrieved_on 9 January; expected a day such as 2026-11-27"),
    ],
)  # fmt: skip
def test_a_source_that_is_none_is_refused(notices: Path, old: str, new: str, reason: str) -> None:
    folder = take_in(notices, FINISHED)
    source = folder / "source.yaml"
    source.write_text(source.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(NoticeRefusedError) as refused:
        read_plan(folder, Source("operator", notices))
    assert reason in str(refused.value)


def test_a_notice_without_a_title_needs_one_from_a_person(notices: Path, run: Run) -> None:
    data = FINISHED.replace("6月底前", "").encode()
    store(notices, (), PLAN, "440000", Received("a.txt", data), read_text(data))
    expected = "a notice without a title; expected `title: {value: …, reason: …}` in editorial.yaml"
    assert run("read", PLAN, "--by", "王芳")[::2] == (1, f"{PLAN}: {expected}\n")
    assert state_of(notices / PLAN, Source("operator", notices)).reason == expected
    editorial = notices / PLAN / "editorial.yaml"
    title = "title: {value: 广东省数据工作2023年要点, reason: 来函所称。}\n"
    editorial.write_text(editorial.read_text("utf-8") + title, "utf-8")
    assert run("read", PLAN)[0] == 0
    plan = read_yaml(notices / PLAN / "plan.yaml", 10**6)
    assert plan["title"] == "广东省数据工作2023年要点"
    assert str(plan["period"]["end_on"]) == "2023-12-31"  # the year of the title


def test_who_has_read_a_plan_cannot_be_its_checker_in_editorial_yaml_either(
    notices: Path, run: Run
) -> None:
    folder = take_in(notices, FINISHED)
    assert run("read", PLAN, "--by", "王芳")[0] == 0
    editorial = folder / "editorial.yaml"
    editorial.write_text(editorial.read_text("utf-8") + "checked_by: 王 芳\n", "utf-8")
    assert "checked_by 王 芳, who has read zz-plan-2030; expected another" in run("read", PLAN)[2]


def broken(notices: Path, plan: str, file: str, content: bytes) -> None:
    folder = take_in(notices, FINISHED, plan)
    (folder / file).write_bytes(content)


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("editorial.yaml", b"{", "editorial.yaml: "),
        ("editorial.yaml", b"".join(b"a%d: 1\n" % n for n in range(90_000)), "editorial.yaml with a0"),
        ("editorial.yaml", b"a: 1\na: 2", "the key a twice"),
        ("editorial.yaml", b"? [a]\n: 1", "editorial.yaml: "),
        ("editorial.yaml", LAUGHS.encode(), "without references"),
        ("editorial.yaml", b"jurisdiction: " + b"9" * 1_000_001, "editorial.yaml of more than 1000000 bytes"),
        ("editorial.yaml", b'jurisdiction: "999999"', "jurisdiction 999999"),
        ("paragraphs.yaml", b"format: text\nblocks: [", "paragraphs.yaml: "),
        ("paragraphs.yaml", b"{}", "no paragraphs as intake writes them"),
        ("source.yaml", b"stored_as: ../../etc/passwd", "source.yaml of another shape"),
        ("source.yaml", b"\xff\xfe", "plain YAML in UTF-8"),
        ("raw.text", b"x", ""),
        ("raw.txt", b"another file", "raw.txt is not the file that was received"),
        ("questions.yaml", b"[]", "questions.yaml of another shape"),
        ("checked.yaml", b"by: x", "checked.yaml of another shape"),
    ],
)  # fmt: skip
def test_a_broken_folder_is_named(notices: Path, file: str, content: bytes, reason: str) -> None:
    broken(notices, PLAN, file, content)
    state = state_of(notices / PLAN, Source("operator", notices))
    assert (state.notice is None) == bool(reason)
    assert reason in (state.reason or "")


def test_a_link_out_of_the_folder_is_not_followed(notices: Path, tmp_path: Path) -> None:
    folder = take_in(notices, FINISHED)
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    (notices / PLAN).symlink_to(elsewhere, target_is_directory=True)
    source = Source("operator", notices)
    assert [path.name for path in source.plan_folders()] == [PLAN]
    assert state_of(notices / PLAN, source).reason == f"{PLAN} is a link; expected a folder"
    (notices / PLAN).unlink()
    elsewhere.rename(folder)
    (tmp_path / "secret.yaml").write_text('jurisdiction: "440000"\n', "utf-8")
    (folder / "editorial.yaml").unlink()
    (folder / "editorial.yaml").symlink_to(tmp_path / "secret.yaml")
    assert "editorial.yaml is a link" in (state_of(folder, source).reason or "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(notices: Path) -> None:
    folder = take_in(notices, FINISHED)
    (folder / "paragraphs.yaml").unlink()
    os.mkfifo(folder / "paragraphs.yaml")
    state = state_of(folder, Source("operator", notices))
    assert "paragraphs.yaml is no file" in (state.reason or "")


def test_an_error_of_the_reader_stops_nobody_else(
    notices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(notices, FINISHED)
    monkeypatch.setattr("seed.plan_reading.reading_of", lambda *_: 1 / 0)
    state = state_of(notices / PLAN, Source("operator", notices))
    assert state.reason == "it cannot be read: ZeroDivisionError: division by zero"


def test_broken_registry_additions_hold_back_only_the_plans_beside_them(
    notices: Path, run: Run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", sqlite_url)
    take_in(notices, FINISHED)
    (notices / "registry").mkdir()
    (notices / "registry" / "bodies.yaml").write_text("- {id: gd-justice}", "utf-8")
    status, _, err = run("load")
    assert status == 3
    assert f"left out, the registry in {notices}: bodies.yaml" in err
    assert f"left out, {PLAN}: bodies.yaml" in err
    assert loaded(sqlite_url) == [OURS]


def test_a_plan_that_the_database_refuses_holds_back_no_other(
    notices: Path, run: Run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", sqlite_url)
    for plan in ("zz-a-2030", "zz-b-2030"):  # both say that they are notice number 1
        take_in(notices, FINISHED, plan).rename(notices.parent / plan)
    for plan in ("zz-a-2030", "zz-b-2030"):
        (notices.parent / plan).rename(notices / plan)
    status, _, err = run("load")
    assert status == 3
    assert err.startswith("left out, zz-b-2030: it cannot be stored: ")
    assert loaded(sqlite_url) == ["zz-a-2030", OURS]
    rows = json.loads(run("status", "--json")[1])
    assert {row["plan"]: row["loaded"] for row in rows} == {
        OURS: "yes", "zz-a-2030": "yes", "zz-b-2030": "no",
    }  # fmt: skip


def test_a_plan_of_the_operator_never_takes_the_place_of_one_of_the_repository(
    notices: Path, run: Run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", sqlite_url)
    take_in(notices, FINISHED, OURS)
    status, _, err = run("load")
    assert status == 3
    assert f"left out, {OURS}: the id is that of a plan of the repository" in err


def test_examples_are_loaded_where_asked_and_marked_as_such(
    run: Run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKPLAN_DATABASE_URL", sqlite_url)
    assert run("load", "--examples")[0] == 0
    with TestClient(create_app(Settings(database_url=sqlite_url))) as client:

        def total(address: str) -> int:
            found = client.get(address).json()
            assert all(one["is_example"] for one in found["data"])
            return int(found["page"]["total"])

        plans = client.get("/v1/plans").json()["data"]
        assert {plan["id"]: plan["is_example"] for plan in plans} == {
            "example-city-2026": True, "example-nation-2025": True, "example-province-2025": True,
            "example-province-2026": True, OURS: False,
        }  # fmt: skip
        assert total("/v1/tasks?plan=example-province-2026") == 78
        assert total(
            "/v1/tasks?plan=example-province-2025&agency=省大数据管理局&role=lead"
        ) == total("/v1/tasks?plan=example-province-2025&agency=示例省数据局&role=lead")
        assert client.get("/v1/tasks/example-province-2026-t3-1.1.1").json()["level"] == "measure"
        merged = client.get("/v1/agencies/example-province-digital-centre").json()["predecessors"]
        assert [one["how"] for one in merged] == ["merged", "merged"]
        for plan in plans:  # of each shape: without sections, dates, numbers, with four levels
            task = client.get(f"/v1/tasks?plan={plan['id']}&limit=1").json()["data"][0]
            for path in (plan["html_url"], f"{plan['html_url']}/text", task["html_url"]):
                page = parsed(client.get(path).text)
                is_marked = "示例" in [one.text for one in page.xpath("//h1/span")]
                assert is_marked is plan["is_example"], path


def test_status_says_of_every_plan_how_far_it_is(notices: Path, run: Run) -> None:
    take_in(notices)
    take_in(notices, FINISHED, "zz-finished-2030")
    (notices / "zz-broken-2030").mkdir()
    run("read", PLAN)
    run("read", "zz-finished-2030", "--by", "王芳")
    run("approve", "zz-finished-2030", "--by", "李明")
    status, out, _ = run("status", "--json")
    rows = {row.pop("plan"): row for row in json.loads(out)}
    assert status == 0
    assert list(rows) == [OURS, "zz-broken-2030", "zz-finished-2030", PLAN]
    finished = rows["zz-finished-2030"]
    assert [finished.pop(name) for name in ("read_on", "checked_on")] != [None, None]
    assert finished == {
        "of": "operator", "received": None, "questions": 0, "signs": 0, "finished": True,
        "read_by": "王芳", "checked_by": "李明", "loaded": None, "differs": False, "reason": None,
    }  # fmt: skip
    assert (rows[PLAN]["questions"], rows[PLAN]["signs"], rows[PLAN]["finished"]) == (5, 1, False)
    assert rows["zz-broken-2030"]["reason"].startswith("no notice in zz-broken-2030")
    table = run("status")[1].splitlines()
    assert table[0].split() == [
        "plan", "of", "received", "questions", "signs", "finished", "read", "by", "checked", "by",
        "loaded", "differs",
    ]  # fmt: skip
    assert table[3].split() == ["zz-finished-2030", "operator", "-", "0", "0", "yes", "王芳", "李明", "-", "no"]  # fmt: skip
    assert not Path(str(notices.parent / "none.db")).exists()
