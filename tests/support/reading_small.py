"""Small notices of our own, read as intake gives them."""

from functools import cache

from seed.editorial import Editorial
from seed.intake.text import read_text
from seed.reader.bodies import Bodies, Known, known_from
from seed.reader.read import read
from seed.reader.reading import Reading, ReadTask
from seed.registry import read_registry

FRONT = """{issuer}关于印发{title}的通知
粤办函〔2023〕1号
各地级以上市人民政府：
现印发给你们，请认真执行。
{issuer}
2023年1月5日
{title}
为做好工作，制定本要点。
"""


@cache
def known() -> Known:
    """The registry, read once."""
    return known_from(read_registry())


def read_small(
    body: str,
    jurisdiction: str = "440000",
    *,
    title: str = "广东省数据工作2023年要点",
    issuer: str = "广东省人民政府办公厅",
    decisions: Editorial | None = None,
) -> Reading:
    """Read a small plan with an ordinary front; a lone item gets a neighbour."""
    if "（一）" in body and "（二）" not in body:
        body += "\n（二）加强保障。抓好落实。（省公安厅牵头）"
    text = FRONT.format(issuer=issuer, title=title) + body
    return read(read_text(text.encode()).blocks, Bodies(known(), jurisdiction), decisions)


def task(reading: Reading, code: str) -> ReadTask:
    """The task with a code."""
    return next(one for one in reading.tasks if one.code == code)


def roles(reading: Reading, code: str) -> list[tuple[str, str | None, str | None]]:
    """Names, bodies and roles of a task's clauses, in their order."""
    return [
        (one.name, one.agency, one.role)
        for clause in task(reading, code).clauses
        for one in clause.assignments
    ]


def figures(reading: Reading, code: str) -> list[tuple[str, str, str | None, str | None]]:
    """Value, unit, comparison and date of a task's targets."""
    return [
        (
            "" if one.value is None else f"{one.value:f}",
            one.unit or "",
            one.comparator,
            str(one.due_on) if one.due_on else None,
        )
        for one in task(reading, code).targets
    ]


def kinds(reading: Reading) -> list[str]:
    """The kinds of the open questions."""
    return [question.kind for question in reading.questions]
