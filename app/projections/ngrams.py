"""N-grams of the text index: those of an entry, and those of the words of a query.

An entry's grams are the single characters and the pairs of adjacent characters of its folded title
and body, each marked with the resource and whether it is in the title.  A word of one or two
characters is a gram; a longer one is found by its pairs and then verified in the text itself, so
every substring is found, and nothing else.

A query that is, as a whole, a reference (an id, a code, a label, a citation, a document number) also
finds the resource with it.
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
ANYWHERE, IN_TITLE, AS_MARK = "0", "1", "2"
BETWEEN_MARKS = ","
BETWEEN_FIELDS = "\x1f"  # never part of a word
# ASCII characters that FTS5 treats as separators, mapped to the private use area.
PUNCTUATION = {c: 0xE000 + c for c in range(0x80) if not chr(c).isalnum()}
# A phrase has word boundaries around its quotes; other quotes are removed by folding.
WORD = re.compile(r'(?<!\S)["＂]([^"＂]*)["＂](?!\S)|(\S+)')


def words_of(query: str) -> list[str]:
    """The distinct folded words of a query; `"…"` is one word."""
    found = (folded(phrase or word) for phrase, word in WORD.findall(query))
    return list(dict.fromkeys(word for word in found if word))


def references_of(resource: str, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The references of a document: (field, text).

    A bare number is not a reference, and no reference is longer than a query may be.
    """
    texts = [(field, document[field]) for field in SEARCHED[resource].references]
    return [
        (field, text)
        for field, text in texts
        if text and not text.isdigit() and len(text) <= LONGEST_REFERENCE
    ]


def reference_key(text: str) -> str:
    """The lookup key of a reference: folded; a reference wholly in brackets keeps them.

    So （十七） does not match every 十七, while （十七）2 also matches 十七2.
    """
    stripped = text.strip()
    ends = [unicodedata.category(char) for char in stripped[:1] + stripped[1:][-1:]]
    return f"({folded(text)})" if ends == ["Ps", "Pe"] else folded(text)


def texts_of(resource: str, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The searchable texts of a document: (field, text), each text once, the title first."""
    searched = SEARCHED[resource]
    texts: dict[str, str] = {}
    for field in (searched.title, *searched.body):
        value = document[field]
        for one in value if isinstance(value, list) else [value]:
            text = one["name"] if isinstance(one, dict) else one
            if text or field == searched.title:
                texts.setdefault(text, field)
    return [(field, text) for text, field in texts.items()]


def grams_of_word(word: str) -> list[str]:
    """The grams of a folded word: its pairs, or its single character."""
    word = word.translate(PUNCTUATION)
    return [*dict.fromkeys(map("".join, pairwise(word)))] or [word]


def grams_of_entry(resource: str, title: str, body: str, marks: str) -> list[str]:
    """All marked grams of an entry, and the mark alone, which every entry of the resource has.

    `marks`: what filters ask for, see `marks.py`.
    """
    anywhere, in_title = marked(resource, ANYWHERE), marked(resource, IN_TITLE)
    grams = {anywhere}
    for part in (title, *body.split(BETWEEN_FIELDS)):
        grams.update(anywhere + gram for gram in _grams_of_text(part))
    grams.update(in_title + gram for gram in _grams_of_text(title))
    grams.update(gram_of_mark(resource, one) for one in marks.split(BETWEEN_MARKS) if one)
    return sorted(grams)


def gram_of_mark(resource: str, mark: str) -> str:
    """What an entry with a mark has in the index."""
    return marked(resource, AS_MARK, mark.translate(PUNCTUATION))


def marked(resource: str, where: str, gram: str = "") -> str:
    """A gram with its mark, as indexed."""
    return SEARCHED[resource].mark + where + gram


def _grams_of_text(text: str) -> set[str]:
    text = text.translate(PUNCTUATION)
    return {*text, *map("".join, pairwise(text))}
