"""No plan supersedes itself, through whatever others, in the files or in what is stored."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, text

from seed.load import load
from seed.notice_files import ReadNotice
from seed.plan_state import state_of
from seed.sources import Source
from tests.support.clerk import take_in

BODY = """一、夯实基础
（一）建设平台。建成平台3个。（省公安厅牵头）
（二）完善制度。6月底前印发办法。（省司法厅牵头）"""
Superseded = dict[str, str | None]
EXPECTED = "expected the id of an earlier plan, which does not supersede this one"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Four finished plans, a to d."""
    notices = tmp_path_factory.mktemp("superseding") / "notices"
    for plan in "abcd":
        take_in(notices, BODY, plan)
    return Source("operator", notices)


def superseding(source: Source, **superseded: str | None) -> list[ReadNotice]:
    """Plans, each with the one that it supersedes."""
    found = []
    for plan, earlier in superseded.items():
        notice = state_of(source.folder / plan, source).notice
        assert notice
        found.append(replace(notice, plan=replace(notice.plan, supersedes=earlier)))
    return found


def store(url: str, source: Source, notices: list[ReadNotice]) -> tuple[Superseded, list[str]]:
    """Load plans; gives what each plan in the database supersedes, and what was left out."""
    engine, left_out = create_engine(url), list[str]()
    load(engine, source.registry, notices, left_out=left_out)
    with engine.begin() as connection:
        rows = connection.execute(text("SELECT id, supersedes_id FROM plan"))
        stored = {row.id: row.supersedes_id for row in rows}
    engine.dispose()
    return stored, left_out


@pytest.mark.parametrize(
    ("superseded", "stored", "left_out"),
    [
        ({"a": "a", "b": None}, {"b": None}, ["a: supersedes: a supersedes a"]),
        (
            {"a": "b", "b": "a", "c": "b", "d": None},
            {"c": "b", "d": None},
            ["a: supersedes: a supersedes b supersedes a", "b: supersedes: b supersedes a supersedes b"],
        ),
        (
            {"d": "c", "a": "b", "b": "c", "c": "a"},
            {"d": "c"},
            [
                "c: supersedes: c supersedes a supersedes b supersedes c",
                "a: supersedes: a supersedes b supersedes c supersedes a",
                "b: supersedes: b supersedes c supersedes a supersedes b",
            ],
        ),
        ({"a": "b", "b": "c", "c": "elsewhere", "d": "c"},
         {"a": "b", "b": "c", "c": "elsewhere", "d": "c"}, []),
    ],
)  # fmt: skip
def test_plans_that_supersede_each_other_are_left_out_by_name_and_hold_up_no_other(
    tables_url: str,
    source: Source,
    superseded: Superseded,
    stored: Superseded,
    left_out: list[str],
) -> None:
    found = store(tables_url, source, superseding(source, **superseded))
    assert found == (stored, [f"{line}; {EXPECTED}" for line in left_out])


def test_a_plan_that_supersedes_one_that_is_stored_and_supersedes_it_is_left_out(
    tables_url: str, source: Source
) -> None:
    both = {"a": "b", "b": None}
    assert store(tables_url, source, superseding(source, **both)) == (both, [])
    assert store(tables_url, source, superseding(source, b="a")) == (
        both,
        [f"b: supersedes: b supersedes a supersedes b; {EXPECTED}"],
    )
    # a has a circle of its own and is left out: as it is stored, b closes one, too.
    stored, left_out = store(tables_url, source, superseding(source, a="c", b="a", c="a"))
    assert stored == both
    assert [line[:2] for line in left_out] == ["a:", "c:", "b:"]
    turned = {"a": None, "b": "a"}
    assert store(tables_url, source, superseding(source, **turned)) == (turned, [])
