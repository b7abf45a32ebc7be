"""How alike texts are: cosines of bigram vectors, and the optimal assignment.

numpy and lapx are of `requirements-loader.txt`, not of the service's own requirements; a service
without them has the comparisons that loading has stored, and computes no others.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import lap
import numpy as np
from numpy.typing import NDArray

from app.chinese.folding import folded

Vector = Mapping[str, float]  # how often each bigram occurs, with weights
Similarities = NDArray[np.float64]
Where = NDArray[np.bool_]
RUN = re.compile(r"[^\W\d_]+")  # figures differ every year, so they are no sign of likeness
DIGITS = 6  # so that logarithms that differ in the last bit change no assignment


def bigrams(text: str | None) -> Counter[str]:
    """Pairs of adjacent letters, in whatever script or width they are written."""
    runs = RUN.findall(folded(text or ""))
    return Counter(first + second for run in runs for first, second in pairwise(run))


def similarities(here: Sequence[Vector], there: Sequence[Vector]) -> Similarities:
    """The cosine of every pair; what occurs in few of these texts counts more (TF-IDF).

    Only what both sides have is multiplied: most bigrams occur on one side or in few texts.
    """
    texts = [*here, *there]
    frequency = Counter(gram for text in texts for gram in text)
    rarity = {gram: math.log((1 + len(texts)) / number) for gram, number in frequency.items()}
    found = np.zeros((len(here), len(there)))
    rows, columns = _weighted(here, rarity), _weighted(there, rarity)
    for gram in sorted(rows.keys() & columns.keys()):
        row, column = rows[gram], columns[gram]
        found[np.ix_(list(row), list(column))] += np.outer(
            list(row.values()), list(column.values())
        )
    return found.round(DIGITS)


def _weighted(texts: Sequence[Vector], rarity: Vector) -> dict[str, dict[int, float]]:
    """The weight of each bigram by text, with every text of length one."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for place, text in enumerate(texts):
        weights = {gram: math.log1p(number) * rarity[gram] for gram, number in text.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
        for gram, weight in weights.items():
            if weight:
                found[gram][place] = weight / length
    return found


def clearly_greatest(similarity: Similarities, axis: int, times: float) -> Where:
    """Where a value is the greatest of its row (axis 1) or column (axis 0), so many times the next."""
    two_more = [(2, 0) if each == axis else (0, 0) for each in range(2)]  # for the smallest plans
    in_order = np.sort(np.pad(similarity, two_more), axis)
    greatest, following = in_order.take([-1], axis), in_order.take([-2], axis)
    found: Where = (similarity >= greatest) & (similarity >= times * following)
    return found


def assigned(similarity: Similarities, least: float) -> list[tuple[int, int]]:
    """Pairs of a row and a column, each at most once, that together are most alike.

    Nothing is paired below `least`.
    """
    if not similarity.size:
        return []
    _, columns, _ = lap.lapjv(1 - similarity, extend_cost=True, cost_limit=1 - least)
    return [
        (row, int(column))
        for row, column in enumerate(columns)
        if column >= 0 and similarity[row, column] >= least
    ]
