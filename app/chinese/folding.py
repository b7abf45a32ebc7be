"""Folding: texts, names and queries that differ only in form become equal, for search.

Folded text is used only for matching; texts are stored and shown unchanged.

First each character is folded: script, variant, width, case, radicals and compatibility forms become
one, and invisible characters are removed.  Then gaps (blanks, quotes, brackets, 、 and middle dots),
hyphens and pluses are folded by their neighbours.  Between two letters or digits that are not Chinese
they stay: `a b`, `2022-2025`, `1+N`.  Everywhere else they are removed: “粤政易”平台 becomes
粤政易平台.  Only `++` right after a letter always stays: `C++`.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from app.chinese.scripts import VARIANTS_FILE

FOLDING = 1  # the version of these rules; raise it with each change, so that entries are rebuilt
MOST_FOLDS = 1 << 15  # characters that are cached: all that notices use, in 5 MB
RADICALS_FILE = Path(__file__).with_name("radicals.txt")
# Default_Ignorable_Code_Point of Unicode: soft hyphens, joiners, variation selectors, directions.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
BRACKETS = ("Ps", "Pe", "Pi", "Pf")  # categories of Unicode, with “” ‘’ 「」 『』 《》 〈〉 «»
GAPS = frozenset("\"'`\u02bc\u2032\u2035\u275b\u275c\u275d\u275e、·・‧•∙⋅")
HYPHENS = frozenset("\u02d7\u2043\u2212")  # besides those of category Pd
WAVES = {"〜": "~"}  # the same sign for a range on two keyboards
RUN = re.compile("[ +-]+")
# A letter or digit of a script that separates words by blanks: no ideograph, no kana.
SPACED = re.compile(
    "(?:[^\\W\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[\u0300-\u036f])"  # with its accents
)
DOUBLED = re.compile(r"(?:\+{2,})?")


def folded(text: str) -> str:
    """Fold a text.

    A substring of a text folds to a substring of the folded text.  ２０２２ becomes 2022; 数 and 數
    become one, and so do 衞 (Hong Kong), 衛 (Taiwan) and 卫.
    """
    return RUN.sub(_remainder, text.translate(_folds()))


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters its position in the original text."""
    fold = _folds()
    origins = [place for place, char in enumerate(text) for _ in fold[ord(char)]]
    places: list[int] = []
    start = 0
    for run in RUN.finditer(text.translate(fold)):
        signs = [run.start() + at for at, char in enumerate(run[0]) if char != " "]
        stay = (signs or [run.start()])[: len(_remainder(run))]
        places += origins[start : run.start()] + [origins[at] for at in stay]
        start = run.end()
    return folded(text), places + origins[start:]


def search_key(name: str) -> str:
    """The key by which a name is looked up: folded, without blanks."""
    return folded(name).replace(" ", "")


def as_seen(text: str) -> str:
    """The visible text of an id: without blanks and invisible characters, in plain width."""
    return "".join(unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).split())


def _remainder(run: re.Match[str]) -> str:
    """What remains of a run of gaps, hyphens and pluses."""
    text, start, end = run.string, run.start(), run.end()
    if start == 0 or not SPACED.match(text, start - 1):
        return ""
    if SPACED.match(text, end):
        return run[0].replace(" ", "") or " "
    doubled = DOUBLED.match(run[0])
    return doubled[0] if doubled else ""


class _Folds(dict[int, str]):
    """Code point → its folded form; gaps become blanks, hyphens `-`, pluses `+`.

    Bounded, since clients choose the characters: all of Unicode would take 180 MB.
    """

    def __missing__(self, point: int) -> str:
        form = "".join(_simple(char) for char in _plain(chr(point)))
        if len(self) >= MOST_FOLDS:
            self.clear()
        self[point] = form
        return form


def _plain(char: str) -> str:
    """Lower case, with compatibility forms decomposed and radicals replaced by ideographs."""
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
    """Ideograph → the representative of its variants; from a file, as OpenCC's tables take 45 MB."""
    classes = VARIANTS_FILE.read_text("utf-8").split()
    return {char: one[0] for one in classes for char in one[1:]}


@cache
def radicals() -> dict[str, str]:
    """Radical or stroke → its ideograph, from Unicode's EquivalentUnifiedIdeograph.txt.

    Only those without a compatibility decomposition.
    """
    return {line[0]: line[1] for line in RADICALS_FILE.read_text("utf-8").split()}
