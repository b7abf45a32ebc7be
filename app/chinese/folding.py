"""What is the same to whoever searches: one function for texts, names and queries.

Nothing here changes what is stored and shown: folded text is only for finding.

Each character folds by itself: script, variant, width, case, radicals and compatibility forms are
one, invisible characters are nothing.  Then gaps (blanks, quotes, brackets, 、 and middle dots),
hyphens and pluses fold by their neighbours.  Between two letters or digits that are not Chinese
they stay: `a b`, `2022-2025`, `1+N`.  Everywhere else they are nothing: “粤政易”平台 is 粤政易平台.
Only `++` right after a letter stays wherever it is: `C++`.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from app.chinese.scripts import VARIANTS_FILE

FOLDING = 1  # raise it with each change of what folds: entries of another are made again
RADICALS_FILE = Path(__file__).with_name("radicals.txt")
# Default_Ignorable_Code_Point of Unicode: soft hyphens, joiners, variation selectors, directions.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
BRACKETS = ("Ps", "Pe", "Pi", "Pf")  # categories of Unicode, with “” ‘’ 「」 『』 《》 〈〉 «»
GAPS = frozenset("\"'`\u02bc\u2032\u2035\u275b\u275c\u275d\u275e、·・‧•∙⋅")
HYPHENS = frozenset("\u02d7\u2043\u2212")  # beside those of category Pd
WAVES = {"〜": "~"}  # one range, by two keyboards
RUN = re.compile("[ +-]+")
# A letter or digit that is written with blanks around its words: no ideograph, no kana.
SPACED = re.compile(
    "(?:[^\\W\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[\u0300-\u036f])"  # with its accents
)
DOUBLED = re.compile(r"(?:\+{2,})?")


def folded(text: str) -> str:
    """Text without what does not tell words apart.

    A part of a text folds to a part of the folded text.  ２０２２ is 2022, 数 and 數 are one,
    衞 of Hong Kong and 衛 of Taiwan are both 卫.
    """
    return RUN.sub(_kept, text.translate(_folds()))


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters the place in the text that it comes from."""
    fold = _folds()
    origins = [place for place, char in enumerate(text) for _ in fold[ord(char)]]
    places: list[int] = []
    start = 0
    for run in RUN.finditer(text.translate(fold)):
        signs = [run.start() + at for at, char in enumerate(run[0]) if char != " "]
        stay = (signs or [run.start()])[: len(_kept(run))]
        places += origins[start : run.start()] + [origins[at] for at in stay]
        start = run.end()
    return folded(text), places + origins[start:]


def search_key(name: str) -> str:
    """A name as it is looked up: folded, without blanks."""
    return folded(name).replace(" ", "")


def as_seen(text: str) -> str:
    """Text as the eye has it, for ids: without blanks and what cannot be seen, of plain width."""
    return "".join(unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).split())


def _kept(run: re.Match[str]) -> str:
    """What stays of a run of gaps, hyphens and pluses."""
    text, start, end = run.string, run.start(), run.end()
    if start == 0 or not SPACED.match(text, start - 1):
        return ""
    if SPACED.match(text, end):
        return run[0].replace(" ", "") or " "
    doubled = DOUBLED.match(run[0])
    return doubled[0] if doubled else ""


class _Folds(dict[int, str]):
    """Code point → what it folds to by itself; gaps are blanks, hyphens `-`, pluses `+`."""

    def __missing__(self, point: int) -> str:
        same = "".join(_simple(char) for char in _plain(chr(point)))
        self[point] = same
        return same


def _plain(char: str) -> str:
    """Compatibility forms decomposed, radicals as ideographs, in lower case."""
    plain, before = char, ""
    while plain != before:
        before = plain
        plain = "".join(radicals().get(one, one) for one in plain)
        plain = unicodedata.normalize("NFKD", plain).casefold()
    return plain


def _simple(char: str) -> str:
    category = unicodedata.category(char)
    if INVISIBLE.match(char):
        return ""
    if char.isspace() or category in BRACKETS or char in GAPS:
        return " "
    if (category == "Pd" or char in HYPHENS) and char not in WAVES:
        return "-"
    return WAVES.get(char) or _variants().get(char, char)


@cache
def _folds() -> _Folds:
    return _Folds()


@cache
def _variants() -> dict[str, str]:
    """Ideograph → the one that stands for it; of a file, since OpenCC's tables take 45 MB."""
    classes = VARIANTS_FILE.read_text("utf-8").split()
    return {char: one[0] for one in classes for char in one[1:]}


@cache
def radicals() -> dict[str, str]:
    """Radical or stroke → its ideograph, as Unicode's EquivalentUnifiedIdeograph.txt has it.

    Only those that have no compatibility decomposition.
    """
    return {line[0]: line[1] for line in RADICALS_FILE.read_text("utf-8").split()}
