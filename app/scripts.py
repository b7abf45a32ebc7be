"""The two scripts of Chinese: conversion by OpenCC, and the key by which a name is found."""

import unicodedata
from functools import cache

from opencc import OpenCC


@cache
def converter(config: str) -> OpenCC:
    """OpenCC for one direction, such as `t2s`; making one costs, using it does not."""
    return OpenCC(config)


def search_key(name: str) -> str:
    """A name without what does not tell names apart: script, width, case, spaces.

    NFKC makes ２０２２ 2022; 衞 of Hong Kong and 衛 of Taiwan are both 卫.  What is stored and shown
    stays as it came.
    """
    plain = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    for variant in ("hk2t", "tw2t", "t2s"):
        plain = converter(variant).convert(plain)
    return plain
