"""The value of a spreadsheet cell as its sheet shows it: `shown(value, number_format)`."""

import re
from datetime import date, datetime, time
from typing import Any

PLAIN = frozenset({"General", "@", ""})
LITERAL = r'(?:"(?P<{0}>[^"]*)"|(?P<{0}_plain>[\u3400-\u9fff]+))?'
PATTERN = re.compile(
    LITERAL.format("before")
    + r"(?P<whole>[#0,?]*)(?:\.(?P<decimals>0*)(?P<optional>#*))?(?P<percent>%?)[_ )]*"
    + LITERAL.format("after")
)


def shown(value: Any, number_format: str) -> tuple[str, bool]:
    """The text that a reader of the sheet sees, and whether the format is one that is known here."""
    if value is None:
        return "", True
    if isinstance(value, bool):
        return str(value).upper(), True
    if isinstance(value, datetime | date):
        day = f"{value.day}日" if "d" in number_format.lower() else ""
        year = f"{value.year}年" if "y" in number_format.lower() else ""
        return f"{year}{value.month}月{day}", True
    if isinstance(value, time):
        return value.isoformat("minutes"), True
    if not isinstance(value, int | float):
        return str(value), True
    section = re.sub(r"\[[^\]]*\]|\\", "", number_format.split(";")[0])
    if section in PLAIN:
        return _general(value), True
    match = PATTERN.fullmatch(section)
    if not match:
        return _general(value), False
    before = match["before"] or match["before_plain"] or ""
    after = match["after"] or match["after_plain"] or ""
    return f"{before}{_number(value, match)}{after}", True


def _number(value: float, match: re.Match[str]) -> str:
    scaled = value * 100 if match["percent"] else value
    decimals = len(match["decimals"] or "")
    most = decimals + len(match["optional"] or "")
    comma = "," if "," in match["whole"] else ""
    text = f"{scaled:{comma}.{most}f}"
    if most > decimals:
        whole, _, fraction = text.partition(".")
        fraction = fraction[:decimals] + fraction[decimals:].rstrip("0")
        text = f"{whole}.{fraction}" if fraction else whole
    return text + match["percent"]


def _general(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.11g}"
