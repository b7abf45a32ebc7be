"""What docs/reader.md promises: each notice in pairs/ comes out as the file beside it says."""

import re
from pathlib import Path

import pytest
import yaml

from seed.intake.formats import extract
from seed.reader.bodies import Bodies
from seed.reader.files import read_file
from tests.support.reading_small import known
from tools.pair import in_short

PAIRS = Path(__file__).parent / "pairs"
NOTICES = sorted(path for path in PAIRS.iterdir() if path.suffix != ".yaml")
PROMISES = Path(__file__).parents[2] / "docs" / "reader.md"
# What no proposal of a body may hold: whoever accepts it as it stands would register it.
NO_BODY = re.compile(
    r"name: [^{}]*?(?:牵头|负责|配合|会同|参与|主办|承办|协办|按职责|下同|单位：|部门：|第一位|标注|\*)"
)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are ours: a process with limits for each, which gives the same, takes ten times as long."""
    monkeypatch.setattr("seed.reader.files.extract_bounded", extract)


@pytest.mark.parametrize("notice", NOTICES, ids=lambda path: path.stem)
def test_a_notice_comes_out_as_the_file_beside_it_says(notice: Path) -> None:
    expected = yaml.load(notice.with_suffix(".yaml").read_bytes(), yaml.CSafeLoader)
    reading = read_file(notice, Bodies(known(), expected["jurisdiction"]))
    assert in_short(reading) == expected
    assert [q.proposal for q in reading.questions if NO_BODY.search(q.proposal or "")] == []


def test_every_promise_has_a_pair_and_every_pair_is_a_promise() -> None:
    promised = set(re.findall(r"tests/seed/pairs/([\w.-]+)", PROMISES.read_text("utf-8")))
    assert promised == {notice.name for notice in NOTICES}


def test_a_figure_alone_in_a_cell_is_of_the_task_of_its_row() -> None:
    reading = read_file(PAIRS / "goals-in-a-column.md", Bodies(known(), "441800"))
    metrics = {task.title: [one.metric for one in task.targets] for task in reading.tasks}
    assert metrics["茶叶总产值"] == ["茶叶总产值"]
    assert metrics["茶园面积"] == ["茶园面积"]
