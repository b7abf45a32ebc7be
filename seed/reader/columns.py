"""What the columns of a table are: numbers, sections, words of the task, roles, times, persons."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from seed.reader.clauses import one_role
from seed.reader.markers import Marker, marker_of
from seed.reader.role_words import LABEL
from seed.reader.text import Paragraph

NUMBER_COLUMN = re.compile(r"(?:任务)?(?:序号|编号)|序|No\.?", re.IGNORECASE)
DUE_COLUMN = re.compile(
    "[\u4e00-\u9fff]{0,6}(?:时限|时间|期限|进度|节点)(?:要求|安排|计划|节点|目标)?(?:（[^）]*）)?"
)
# 牵头单位/责任单位, 责任（配合）单位: names without one role for all.
ROLES_OF_COLUMN = (
    ("lead", "牵头|主办"),
    ("responsible", "责任|负责|承办|实施|落实"),
    ("support", "配合|协办|参与|协助"),
)
PERSON_COLUMN = re.compile("领导|责任人|负责人|联系")
GROUP_COLUMN = re.compile(
    "类别|类型|分类|(?:工作|重点|所属)?领域|板块|方面|大类|门类|专项|项目类别|任务类别"
)
NOTE_COLUMN = re.compile("备注|说明")
# 2025年, 2026年目标值, 2024年基数: the columns of a table of indicators, which has a column of units
# or several years.
YEAR_COLUMN = re.compile(
    r"(?P<year>20\d\d)年?[底末]?(?:(?:预期|规划|计划)?(?:目标)?[值数]?|(?P<past>现状|实际|实绩|基期|基准|基数|完成)(?:值|数|情况)?)"
)
UNIT_COLUMN = re.compile("(?:计量|数据)?单位")
ATTRIBUTE_COLUMN = re.compile("(?:指标)?(?:属性|性质)")
SHORT_FIGURE = re.compile(r"[^\d，。；]{0,6}\d[\d.,]*[^\d，。；]{0,8}")
NO_FIGURE = re.compile("[-—－–/／]*")
BEHIND = re.compile(r"\s*（[^（）]*）$")  # 重点工作任务（2项）


@dataclass
class Columns:
    """The places of the columns by what they are."""

    number: int | None = None
    due: int | None = None
    group: int | None = None
    content: list[int] = field(default_factory=list)
    roles: list[tuple[int, str | None]] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    years: dict[int, tuple[int, bool]] = field(default_factory=dict)  # the year, and if it is past
    unit: int | None = None  # of the figures of the years
    is_inline: bool = False  # the numbers begin the words: 1.建成平台


def columns_of(names: Sequence[str], rows: Sequence[Paragraph]) -> Columns:
    """What each column is, by its name and by what stands in it."""
    found = Columns(years=_years(names, rows))
    for index, name in enumerate(names):
        bare = BEHIND.sub("", name).replace(" ", "")
        label = _label(name) or _label(bare)
        if index in found.years:
            continue
        if found.years and UNIT_COLUMN.fullmatch(bare):
            found.unit = index
        elif found.years and ATTRIBUTE_COLUMN.fullmatch(bare):
            found.other.append(index)
        elif NUMBER_COLUMN.fullmatch(bare):
            found.number = index
        elif label:
            found.roles.append((index, label[0]))
        elif DUE_COLUMN.fullmatch(name) or DUE_COLUMN.fullmatch(bare):
            found.due = index
        elif roles := _roles_of(name):
            found.roles.append((index, roles[0] if len(roles) == 1 else None))
        elif NOTE_COLUMN.fullmatch(bare) or PERSON_COLUMN.search(bare):
            found.other.append(index)
        elif found.group is None and (
            any(row.line.inherited[index] for row in rows)
            or (GROUP_COLUMN.fullmatch(bare) and _repeats(index, rows))
        ):
            found.group = index
        else:
            found.content.append(index)
    if not found.content and found.group is not None:
        found.content, found.group = [found.group], None
    if found.years and not found.content:  # figures of nothing that has a name
        found.content, found.years, found.unit = sorted(found.years), {}, None
    if found.number is None:
        _number_inline(found, rows)
    return found


def _years(names: Sequence[str], rows: Sequence[Paragraph]) -> dict[int, tuple[int, bool]]:
    """The columns whose figures are of a year, in a table that is one of indicators."""
    bare = [BEHIND.sub("", name).replace(" ", "") for name in names]
    found = {
        index: (int(match["year"]), match["past"] is not None)
        for index, name in enumerate(bare)
        if (match := YEAR_COLUMN.fullmatch(name))
    }
    cells = [(row.line.cells or ())[index].strip() for row in rows for index in found]
    filled = [cell for cell in cells if not NO_FIGURE.fullmatch(cell)]
    figures = sum(bool(SHORT_FIGURE.fullmatch(cell)) for cell in filled)
    has_units = any(UNIT_COLUMN.fullmatch(name) for name in bare)
    is_one = (has_units or len(found) > 1) and len(found) + has_units < len(names)
    return found if is_one and figures * 2 > len(filled) else {}


def _label(name: str) -> tuple[str | None] | None:
    """The role that a usual label names; None for other words."""
    label = LABEL.fullmatch(name + "：")
    if not label or label["time"] or label["person"]:
        return None
    role = next(r for r, words in label.groupdict().items() if words)
    return (one_role(name) if role == "several" else role,)


def _roles_of(name: str) -> list[str]:
    """The roles that a heading names which is no usual label."""
    if PERSON_COLUMN.search(name) or not re.search("单位|部门|分工|^[^，。]{2}$", name):
        return []
    return [role for role, words in ROLES_OF_COLUMN if re.search(words, name)]


def _repeats(index: int, rows: Sequence[Paragraph]) -> bool:
    """Whether a column has the same words in rows below one another."""
    return any(
        (one.line.cells or ())[index] == (after.line.cells or ())[index]
        for one, after in pairwise(rows)
    )


def _number_inline(found: Columns, rows: Sequence[Paragraph]) -> None:
    """1.建成平台 in each row numbers it; 一、 in the column before is its section."""
    if found.group is None and len(found.content) > 1:
        first, second = found.content[:2]
        styles = {marker.style if marker else "" for marker in _markers(first, rows)}
        if styles == {"han"} and all(_markers(second, rows)):
            found.group = found.content.pop(0)
    if not found.content:
        return
    markers = [marker for marker in _markers(found.content[0], rows) if marker]
    numbers = [marker.number for marker in markers]
    found.is_inline = (
        len(markers) == len(rows)
        and len({marker.style for marker in markers}) == 1
        and max(numbers, default=0) > 1
        and all(after in (one + 1, 1) for one, after in pairwise([0, *numbers]))
    )


def _markers(index: int, rows: Sequence[Paragraph]) -> list[Marker | None]:
    return [marker_of((row.line.cells or ())[index]) for row in rows]
