"""Finding rows by the words of `q`: all words, in either script, from one character up.

Relevance is where the words stand and how rare they are: each word counts by its rarity, and twice
where it stands in the title.  So the possible scores are few; each is an arm of one statement, in
the order of the index, and the first page costs the same however many rows match.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Integer,
    Select,
    Text,
    TypeDecorator,
    and_,
    column,
    func,
    literal,
    not_,
    or_,
    select,
    table,
    union,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnClause, FunctionElement
from sqlalchemy.types import NullType

from app.chinese.folding import folded
from app.db.engine import Reader
from app.db.models import SearchEntry, SearchGram, SearchReference
from app.http.problems import FieldError, InvalidParametersError, Message
from app.projections.ngrams import (
    ANYWHERE,
    IN_TITLE,
    grams_of_word,
    marked,
    reference_key,
    words_of,
)

INDEX = table("search_index", column("rowid", Integer))
NUMBER: ColumnClause[int] = INDEX.c.rowid
MOST_WORDS = 12  # of a query; the statement grows with each
TOO_MANY_WORDS = Message(
    f"最多 {MOST_WORDS} 个词，词以空格分隔。", f"At most {MOST_WORDS} words, separated by blanks."
)
MOST_RANKED = 4  # words whose place in a title counts for the order: the rarest ones
A_REFERENCE = ""  # in place of a gram, where references are counted
SURE = 2  # words of so many characters are grams, so the index alone is right about them


class Holds(FunctionElement[Any]):
    """Whether a text holds a word, character for character."""

    type = NullType()  # SQLite would compare a Boolean with 1
    inherit_cache = True


@compiles(Holds, "sqlite")
def _instr(element: Any, compiler: Any, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)}) > 0"


@compiles(Holds, "postgresql")
def _strpos(element: Any, compiler: Any, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)}) > 0"


class HasGrams(FunctionElement[Any]):
    """Whether an entry has all grams of one of several sets."""

    type = NullType()  # a Boolean would be compared with 1, and MATCH be lost
    inherit_cache = True


@compiles(HasGrams, "sqlite")
def _match(element: Any, compiler: Any, **kw: Any) -> str:
    return f"search_index MATCH {compiler.process(element.clauses, **kw)}"


@compiles(HasGrams, "postgresql")
def _at_at(element: Any, compiler: Any, **kw: Any) -> str:
    return f"search_index.grams @@ CAST({compiler.process(element.clauses, **kw)} AS tsquery)"


class HasGramsByWalking(HasGrams):
    """The same, without the index, where walking in order meets enough rows sooner.

    PostgreSQL would fetch and sort all that the index names; SQLite's index gives them in order.
    Of a CASE it takes half the rows for a match, with statistics and without, and so walks.
    """

    inherit_cache = True


@compiles(HasGramsByWalking, "postgresql")
def _at_at_without_index(element: Any, compiler: Any, **kw: Any) -> str:
    grams = compiler.process(element.clauses, **kw)
    return f"CASE WHEN search_index.grams @@ CAST({grams} AS tsquery) THEN true ELSE false END"


class GramSets(TypeDecorator[Sequence[Sequence[str]]]):
    """Sets of grams in the language of the index: `OR` of `AND`; grams hold no ASCII marks."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        quote, both, either = ("'", " & ", " | ")
        if dialect.name == "sqlite":
            quote, both, either = ('"', " AND ", " OR ")
        sets = (both.join(f"{quote}{gram}{quote}" for gram in grams) for grams in value)
        return either.join(f"({one})" for one in sets)


@dataclass(frozen=True)
class Arm:
    """The rows of one score: of the ranked words, just these are in the title."""

    in_title: Sequence[str]
    elsewhere: Sequence[str]
    score: float  # 1 where all words are in the title, 0.5 where none is
    rows: int | None  # how many there are, where the index knows exactly
    by_reference: bool = False  # those that have the query as a reference, and no others

    @property
    def number(self) -> Any:
        """The column of the order among equals."""
        return SearchEntry.number if self.by_reference else NUMBER


@dataclass(frozen=True)
class Search:
    """The words of a query, and how many entries of the resources have each, at the most."""

    resources: Sequence[str]
    words: Sequence[str]
    entries: int  # of these resources, all together
    matches: Sequence[int]  # a word; exact for words of one or two characters
    in_title: Sequence[int]  # the same, of those that have the word in the title
    keys: Sequence[str] = ()  # of references that are the whole query, where there are any

    @property
    def exact_total(self) -> int | None:
        """How many rows match, where the index has counted that."""
        counted = len(self.words) == 1 and len(self.words[0]) <= SURE and not self.keys
        return self.matches[0] if counted else None

    def is_common(self, limit: int) -> bool:
        """Walking the rows fills a page before the index has named all that match."""
        return min(self.matches) ** 2 > self.entries * limit

    def indexed(self, *, in_title: Sequence[str] = (), walking: bool = False) -> Select[Any]:
        """Entries with all words, found by the index: `INDEX` joined with `SearchEntry`."""
        has_grams = HasGramsByWalking if walking else HasGrams
        grams = [
            [
                marked(resource, where, gram)
                for word in self.words
                for where in ((ANYWHERE, IN_TITLE) if word in in_title else (ANYWHERE,))
                for gram in grams_of_word(word)
            ]
            for resource in self.resources
        ]
        return (
            select(SearchEntry.id)
            .select_from(INDEX)
            .join(SearchEntry, SearchEntry.number == NUMBER)
            .where(has_grams(literal(grams, GramSets())), *self._read(SURE))
        )

    def referred(self) -> Select[Any]:
        """Entries that have the whole query as a reference: `SearchEntry` alone."""
        return select(SearchEntry.id).where(
            SearchEntry.number.in_(self._referring()), SearchEntry.resource.in_(self.resources)
        )

    def _referring(self) -> Select[Any]:
        return select(SearchReference.number).where(SearchReference.key.in_(self.keys))

    def count(self) -> Select[Any]:
        """How many entries are found."""
        if not self.keys:
            return self.indexed().with_only_columns(func.count())
        number = SearchEntry.number
        found = union(*(s.with_only_columns(number) for s in (self.indexed(), self.referred())))
        return select(func.count()).select_from(SearchEntry).where(number.in_(found))

    def matching(self, row: Any, *, by_reading: bool) -> ColumnElement[bool]:
        """The condition that a row of a resource's table is found."""
        has_words = self._has_words(row, by_reading=by_reading)
        return or_(has_words, row.id.in_(self.referred())) if self.keys else has_words

    def _has_words(self, row: Any, *, by_reading: bool) -> ColumnElement[bool]:
        if not by_reading:
            ids: ColumnElement[bool] = row.id.in_(self.indexed())
            return ids
        # Looked up for each row: an EXISTS would be joined, with all rows, where that seems cheap.
        entry = select(and_(*self._read(0))).where(
            SearchEntry.resource.in_(self.resources), SearchEntry.id == row.id
        )
        return entry.scalar_subquery()

    def _read(self, sure: int) -> list[ColumnElement[bool]]:
        """Conditions that look into the text for words of more than so many characters."""
        return [
            or_(Holds(SearchEntry.title, literal(word)), Holds(SearchEntry.body, literal(word)))
            for word in self.words
            if len(word) > sure
        ]

    def arms(self) -> list[Arm]:
        """All scores that rows can have, best first; the last is that of references, if any.

        It comes before the others, see `ranks`: so each keeps its place in cursors.
        """
        rarity = {
            # Inverse document frequency, kept above 0 (K. Spärck Jones, 1972).
            word: math.log(1 + (self.entries + 1) / (matches + 1))
            for word, matches in zip(self.words, self.matches, strict=True)
        }
        ranked = sorted(self.words, key=lambda word: (-rarity[word], word))[:MOST_RANKED]
        whole = sum(rarity.values())
        arms = []
        for bits in range(2 ** len(ranked)):
            chosen = [word for bit, word in enumerate(ranked) if bits >> bit & 1]
            score = (whole + sum(rarity[word] for word in chosen)) / (2 * whole)
            others = [word for word in ranked if word not in chosen]
            rows = None
            if self.exact_total is not None:
                rows = self.in_title[0] if chosen else self.matches[0] - self.in_title[0]
            arms.append((-score, bits, Arm(chosen, others, round(score, 4), rows)))
        of_references = [Arm((), (), 1.0, None, by_reference=True)] if self.keys else []
        return [arm for *_, arm in sorted(arms, key=lambda one: one[:2])] + of_references

    def ranks(self) -> list[int]:
        """The places of `arms`, in the order of relevance."""
        places = list(range(len(self.arms())))
        return places[-1:] + places[:-1] if self.keys else places

    def in_arm(self, arm: Arm, limit: int) -> Select[Any]:
        """The entries of an arm, of which so many are wanted in the order of their numbers."""
        if arm.by_reference:
            return self.referred()
        title = SearchEntry.title
        walking = arm.rows is not None and arm.rows**2 > self.entries * limit
        return self.indexed(in_title=arm.in_title, walking=walking).where(
            *(Holds(title, literal(word)) for word in arm.in_title if len(word) > SURE),
            *(not_(Holds(title, literal(word))) for word in arm.elsewhere),
            *([SearchEntry.number.not_in(self._referring())] if self.keys else []),
        )


async def read_search(reader: Reader, resources: Sequence[str], query: str) -> Search:
    """What the index knows of the words of a query; one statement.

    Raises InvalidParametersError for a query without a word, or with too many.
    """
    words = words_of(query)
    if len(words) > MOST_WORDS:
        raise InvalidParametersError(errors=[FieldError("query", "q", TOO_MANY_WORDS)])
    if not words:
        raise InvalidParametersError(
            errors=[
                FieldError(
                    "query",
                    "q",
                    Message(
                        "至少要有一个字；引号、括号等标点不算。",
                        "It needs at least one character other than quotes, brackets and the like.",
                    ),
                )
            ]
        )
    wanted = {
        marked(resource, where, gram)
        for resource in resources
        for where in (ANYWHERE, IN_TITLE)
        for gram in ("", *(gram for word in words for gram in grams_of_word(word)))
    }
    keys = sorted({folded(query), reference_key(query)})
    references = select(literal(A_REFERENCE), func.count()).where(SearchReference.key.in_(keys))
    grams = select(SearchGram.gram, SearchGram.entries).where(SearchGram.gram.in_(sorted(wanted)))
    rows = await reader.execute(union_all(grams, references))
    counted: Mapping[str, int] = {row.gram: row.entries for row in rows}

    def entries(grams: Iterable[str], where: str = ANYWHERE) -> int:
        return sum(
            min(counted.get(marked(resource, where, gram), 0) for gram in grams)
            for resource in resources
        )

    matches = [entries(grams_of_word(word)) for word in words]
    in_title = [entries(grams_of_word(word), IN_TITLE) for word in words]
    found_keys = keys if counted[A_REFERENCE] else ()
    return Search(resources, words, entries([""]), matches, in_title, found_keys)


async def having_words(reader: Reader, row: Any, query: str | None) -> list[ColumnElement[bool]]:
    """The condition that rows of a resource's table have all words of a query, if there is one."""
    if not query:
        return []
    search = await read_search(reader, [row.__tablename__], query)
    return [search.matching(row, by_reading=False)]
