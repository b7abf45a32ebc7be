"""Simplified and Traditional Chinese: OpenCC's conversions, and classes of variants by them."""

from functools import cache
from pathlib import Path

from opencc import OpenCC

VARIANTS_FILE = Path(__file__).with_name("variants.txt")
IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0))  # unified, A and B


@cache
def converter(config: str) -> OpenCC:
    """The OpenCC converter of one direction, such as `t2s`; cached, as creating one is slow."""
    return OpenCC(config)


def variant_classes() -> str:
    """The content of `variants.txt`: one line for ideographs that OpenCC converts into each other.

    The first of a line represents all of them.  `python -m app variants` writes the file.
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
