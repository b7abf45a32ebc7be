"""The examples: plans of governments that do not exist, and the pairs between two of their years."""

from pathlib import Path

import pytest
import yaml

from seed.plan_reading import read_plan
from seed.reader.reading import Reading
from seed.sources import EXAMPLES, Source
from tests.support.examples import files_of_examples

PAIRS = Path(__file__).parent / "lineage_pairs.yaml"


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    """Every example, read."""
    source = Source("example", EXAMPLES)
    return {folder.name: read_plan(folder, source).reading for folder in source.plan_folders()}


def test_the_examples_are_what_intake_makes_of_their_files() -> None:
    for path, content in files_of_examples():
        assert path.read_bytes() == content, f"{path}: run python -m tests.support.examples"


def test_every_example_is_read_without_an_open_question(readings: dict[str, Reading]) -> None:
    assert {
        plan: (
            len(reading.sections),
            len(reading.tasks),
            sum(1 for _ in reading.clauses()),
            sum(1 for _ in reading.targets()),
            [question.text for question in reading.questions],
        )
        for plan, reading in readings.items()
    } == {
        "example-city-2026": (6, 15, 15, 15, []),
        "example-nation-2025": (0, 15, 16, 20, []),
        "example-province-2025": (7, 67, 60, 62, []),
        "example-province-2026": (7, 78, 70, 81, []),
    }


def test_a_rule_of_an_annex_makes_leads_in_its_table(readings: dict[str, Reading]) -> None:
    tasks = {task.code: task for task in readings["example-nation-2025"].tasks}
    roles = {
        code: [(one.name, one.role) for clause in tasks[code].clauses for one in clause.assignments]
        for code in ("9", "a1-2", "a2-2")
    }
    assert roles == {
        "9": [("数据总署", "responsible"), ("内务部", "responsible")],
        "a1-2": [("卫生部", "lead"), ("数据总署", "responsible")],
        "a2-2": [("商业部", "lead"), ("农业部", "support")],
    }
    (clause,) = tasks["a1-2"].clauses
    assert clause.rule
    assert "列第一位" in readings["example-nation-2025"].text[clause.rule]


def test_every_task_of_both_years_is_in_the_pairs(readings: dict[str, Reading]) -> None:
    given = yaml.load(PAIRS.read_bytes(), yaml.CSafeLoader)
    pairs = given["pairs"]
    there = {task.code for task in readings["example-province-2025"].tasks}
    here = {task.code for task in readings["example-province-2026"].tasks}
    assert {pair["there"] for pair in pairs} | {*given["only_there"]} == there
    assert {pair["here"] for pair in pairs} | {*given["only_here"]} == here
    assert not {pair["there"] for pair in pairs} & {*given["only_there"]}
    assert not {pair["here"] for pair in pairs} & {*given["only_here"]}
    assert len(pairs) >= 60
    assert len({(pair["there"], pair["here"]) for pair in pairs}) == len(pairs)


def test_relations_agree_with_how_many_tasks_a_task_is_paired_with() -> None:
    pairs = yaml.load(PAIRS.read_bytes(), yaml.CSafeLoader)["pairs"]
    for pair in pairs:
        onward = sum(other["there"] == pair["there"] for other in pairs)
        back = sum(other["here"] == pair["here"] for other in pairs)
        expected = {"split": (True, False), "merged": (False, True)}
        assert (onward > 1, back > 1) == expected.get(pair["relation"], (False, False)), pair
