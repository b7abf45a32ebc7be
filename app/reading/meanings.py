"""Which of several bodies a name means: that of the governments which the request is about.

Filters that narrow rows, such as year, series or status, take no part: a name means the same with and
without them, and also when further governments are loaded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A body of this name, and its government."""

    id: str
    path: str  # of its government, see `Region.path`; empty if it belongs to none
    government: str  # its name
    is_short: bool  # a name inside its own government only

    @property
    def code(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Context:
    """The governments, by their paths, that a request is about, and the home of the service."""

    governments: frozenset[str] = frozenset()
    spanning: frozenset[str] = frozenset()  # with all below them
    home: str | None = None


def is_within(path: str, other: str) -> bool:
    """Whether a government is another one or below it; everything is within the empty path."""
    return not other or path == other or path.startswith(f"{other}/")


def meant(
    candidates: Sequence[Candidate], context: Context, *, are_places: bool = False
) -> Sequence[Candidate]:
    """Those that a name means: one, or several between which it does not decide.

    A place belongs to every government that it is within.  A short form that is used outside its own
    government means nothing: the result is empty.
    """

    def in_request(one: Candidate) -> int | None:
        found = [
            distance
            for paths, spans in ((context.governments, are_places), (context.spanning, True))
            for path in paths
            if (distance := _above(one, path, spans=spans)) is not None
        ]
        return min(found, default=None)

    def at_home(one: Candidate) -> int | None:
        home = context.home
        if home is None or one.path == home:
            return None if home is None else 0
        if not one.path:
            return 2
        return 1 if is_within(one.path, home) and not one.is_short else None

    named = _nearest(candidates, in_request)
    if len(named) == 1:
        return named
    about = [one for one in candidates if in_request(one) is not None]
    if found := _nearest(about or candidates, at_home):
        return found
    return named or [one for one in candidates if not one.is_short]


def _above(one: Candidate, path: str, *, spans: bool) -> int | None:
    """How many levels a body is above a government: 0 if it is its own; None if it is elsewhere."""
    if one.path == path or (spans and one.path and is_within(one.path, path)):
        return 0
    if one.is_short or not is_within(path, one.path):
        return None
    return path.count("/") - one.path.count("/") + (not one.path)


def _nearest(
    candidates: Iterable[Candidate], distance: Callable[[Candidate], int | None]
) -> list[Candidate]:
    """The candidates at the smallest distance."""
    found: dict[int, list[Candidate]] = {}
    for one in candidates:
        if (far := distance(one)) is not None:
            found.setdefault(far, []).append(one)
    return found[min(found)] if found else []
