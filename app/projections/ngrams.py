"""What the text index holds: the grams of an entry, and the words of a query.

An entry's grams are the single characters and the pairs of neighbours of its folded title and
body, each marked with the resource and with whether it stands in the title.  A word of one or two
characters *is* a gram; a longer one is found by its pairs and then looked for in the text itself,
so every stretch of a text is found, and nothing else.

A query that is, as a whole, a reference (an id, a code, a label, a citation, a document number) also
finds what has it.
"""

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from app.chinese.folding import folded
from app.kinds import NOTICE_KINDS

SEARCHED = {kind.name: kind.search for kind in NOTICE_KINDS}
LONGEST_REFERENCE = 200
ANYWHERE, IN_TITLE = "0", "1"
BETWEEN_FIELDS = "\x1f"  # no word holds it
# ASCII that FTS5 would take for the space between words: moved to private use.
PUNCTUATION = {c: 0xE000 + c for c in range(0x80) if not chr(c).isalnum()}
# A phrase begins and ends as a word does; quotes elsewhere are characters, which fold away.
WORD = re.compile(r'(?<!\S)["＂]([^"＂]*)["＂](?!\S)|(\S+)')


def words_of(query: str) -> list[str]:
    """The folded words of a query, each once; `"…"` is one word."""
    found = (folded(phrase or word) for phrase, word in WORD.findall(query))
    return list(dict.fromkeys(word for word in found if word))


def references_of(resource: str, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The references of a document: (field, text).

    A bare number is only a number, and none is longer than a query may be.
    """
    texts = [(field, document[field]) for field in SEARCHED[resource].references]
    return [
        (field, text)
        for field, text in texts
        if text and not text.isdigit() and len(text) <= LONGEST_REFERENCE
    ]


def reference_key(text: str) -> str:
    """A reference as it is looked up: folded; what stands in brackets keeps them.

    The item （十七） is not each 十七, while its point （十七）2 is also 十七2.
    """
    stripped = text.strip()
    ends = [unicodedata.category(char) for char in stripped[:1] + stripped[1:][-1:]]
    return f"({folded(text)})" if ends == ["Ps", "Pe"] else folded(text)


def texts_of(resource: str, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is searched of a document: (field, text), the title first."""
    searched = SEARCHED[resource]
    texts: list[tuple[str, str]] = []
    for field in (searched.title, *searched.body):
        value = document[field]
        texts += [(field, one) for one in (value if isinstance(value, list) else [value]) if one]
    return texts


def grams_of_word(word: str) -> list[str]:
    """The grams by which a folded word is found: its pairs, or the one character that it is."""
    word = word.translate(PUNCTUATION)
    return [*dict.fromkeys(map("".join, pairwise(word)))] or [word]


def grams_of_entry(resource: str, title: str, body: str) -> list[str]:
    """All marked grams of an entry, and the bare mark, which every entry has."""
    anywhere, in_title = marked(resource, ANYWHERE), marked(resource, IN_TITLE)
    grams = {anywhere}
    for part in (title, *body.split(BETWEEN_FIELDS)):
        grams.update(anywhere + gram for gram in _grams_of_text(part))
    grams.update(in_title + gram for gram in _grams_of_text(title))
    return sorted(grams)


def marked(resource: str, where: str, gram: str = "") -> str:
    """A gram as the index has it."""
    return SEARCHED[resource].mark + where + gram


def _grams_of_text(text: str) -> set[str]:
    text = text.translate(PUNCTUATION)
    return {*text, *map("".join, pairwise(text))}
