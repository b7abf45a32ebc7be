"""The two scripts of Chinese: conversion by OpenCC, and what is the same to somebody who searches.

Nothing here changes what is stored and shown: folded text is only for finding.
"""

import unicodedata
from functools import cache
from pathlib import Path

from opencc import OpenCC

VARIANTS_FILE = Path(__file__).with_name("variants.txt")
IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0))  # unified, A and B


@cache
def converter(config: str) -> OpenCC:
    """OpenCC for one direction, such as `t2s`; making one costs, using it does not."""
    return OpenCC(config)


def folded(text: str) -> str:
    """Text without what does not tell words apart: script, variant, width, case.

    Character by character, so that a part of a text folds to a part of the folded text.  ２０２２
    is 2022, 数 and 數 are one, 衞 of Hong Kong and 衛 of Taiwan are both 卫.
    """
    return text.translate(_folds())


def folded_with_places(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters the place in the text that it comes from."""
    fold = _folds()
    places = [place for place, char in enumerate(text) for _ in fold[ord(char)]]
    return folded(text), places


def search_key(name: str) -> str:
    """A name, folded and without spaces, as it is looked up."""
    return "".join(folded(name).split())


class _Folds(dict[int, str]):
    """Code point → what it folds to; compatibility forms decomposed (NFKD), spaces alike."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        plain = unicodedata.normalize("NFKD", char).casefold()
        same = "".join(" " if c.isspace() else _variants().get(c, c) for c in plain)
        self[point] = same
        return same


@cache
def _folds() -> _Folds:
    return _Folds()


@cache
def _variants() -> dict[str, str]:
    """Ideograph → the one that stands for it; of a file, since OpenCC's tables take 45 MB."""
    classes = VARIANTS_FILE.read_text("utf-8").split()
    return {char: one[0] for one in classes for char in one[1:]}


def variant_classes() -> str:
    """What `variants.txt` holds: a line for ideographs that OpenCC converts into each other.

    The first of a line stands for all of it.  `python -m app variants` writes the file.
    """
    ideographs = [chr(point) for first, end in IDEOGRAPHS for point in range(first, end)]
    leader: dict[str, str] = {}

    def leader_of(char: str) -> str:
        while char in leader:
            char = leader[char]
        return char

    for config in ("t2s", "hk2t", "tw2t", "s2t"):
        converted = converter(config).convert(" ".join(ideographs)).split(" ")
        for char, other in zip(ideographs, converted, strict=True):
            one, two = leader_of(char), leader_of(other)
            if one != two and len(other) == 1:
                leader[max(one, two)] = min(one, two)
    classes: dict[str, str] = {}
    for char in sorted(leader):
        classes[leader_of(char)] = classes.get(leader_of(char), leader_of(char)) + char
    return "".join(f"{classes[first]}\n" for first in sorted(classes))
