"""Full-text search by the words of `q`: all must match, in either script, from one character up.

Relevance: each word weighs by its rarity, and twice if it is in the title.  So there are few possible
scores.  Each score is a tier, one part of a UNION ALL in index order, so that the first page costs
the same however many rows match.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    Integer,
    Select,
    Text,
    TypeDecorator,
    and_,
    bindparam,
    column,
    func,
    literal,
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
from app.projections.marks import has_mark
from app.projections.ngrams import (
    ANYWHERE,
    IN_TITLE,
    gram_of_mark,
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
MOST_RANKED = 4  # the rarest words, whose presence in a title counts for the order
NO_ENTRY = [[["none"]]]  # sets of what no entry has: n-grams begin with a mark and a digit
A_REFERENCE = ""  # in place of an n-gram, where references are counted
EXACT_LENGTH = 2  # words up to this length are n-grams themselves: the index alone is exact
# Of longer words, which are compared with the text: the rarest n-grams leave hardly other entries.
MOST_GRAMS = 8
# Built once, since that takes longer than reading it.
COUNTED = union_all(
    select(SearchGram.gram, SearchGram.entries).where(
        SearchGram.gram.in_(bindparam("grams", expanding=True))
    ),
    select(literal(A_REFERENCE), func.count()).where(
        SearchReference.key.in_(bindparam("keys", expanding=True))
    ),
)


class Contains(FunctionElement[Any]):
    """Whether a text contains all words, character for character.

    One element for all: SQLAlchemy takes longer for each than a database for the word.
    """

    type = NullType()  # SQLite would compare a Boolean with 1
    inherit_cache = True
    texts = 1  # the first of its clauses; the others are words
    is_found = "> 0"


class EitherContains(Contains):
    """Whether each word is in one of two texts."""

    inherit_cache = True
    texts = 2


class ContainsNone(Contains):
    """Whether a text contains none of the words."""

    inherit_cache = True
    is_found = "= 0"


@compiles(Contains, "sqlite")
def _instr(element: Contains, compiler: Any, **kw: Any) -> str:
    return _positions("instr", element, compiler, kw)


@compiles(Contains, "postgresql")
def _strpos(element: Contains, compiler: Any, **kw: Any) -> str:
    return _positions("strpos", element, compiler, kw)


def _positions(function: str, element: Contains, compiler: Any, kw: Mapping[str, Any]) -> str:
    clauses = [compiler.process(clause, **kw) for clause in element.clauses]
    texts, words = clauses[: element.texts], clauses[element.texts :]
    found = (
        " OR ".join(f"{function}({text}, {word}) {element.is_found}" for text in texts)
        for word in words
    )
    return " AND ".join(f"({one})" for one in found)


class HasGrams(FunctionElement[Any]):
    """Whether an entry has all n-grams of at least one set."""

    type = NullType()  # a Boolean would be compared with 1, and MATCH be lost
    inherit_cache = True


@compiles(HasGrams, "sqlite")
def _match(element: Any, compiler: Any, **kw: Any) -> str:
    return f"search_index MATCH {compiler.process(element.clauses, **kw)}"


@compiles(HasGrams, "postgresql")
def _at_at(element: Any, compiler: Any, **kw: Any) -> str:
    return f"search_index.grams @@ CAST({compiler.process(element.clauses, **kw)} AS tsquery)"


class HasGramsSeqScan(HasGrams):
    """The same without the index, where scanning in order finds a page of rows sooner.

    PostgreSQL would fetch and sort all matches of the index; SQLite's index returns them in order.
    PostgreSQL estimates that half the rows meet a CASE, with or without statistics, and so scans.
    """

    inherit_cache = True


@compiles(HasGramsSeqScan, "postgresql")
def _at_at_without_index(element: Any, compiler: Any, **kw: Any) -> str:
    grams = compiler.process(element.clauses, **kw)
    return f"CASE WHEN search_index.grams @@ CAST({grams} AS tsquery) THEN true ELSE false END"


class GramSets(TypeDecorator[Sequence[Sequence[Sequence[str]]]]):
    """Sets of groups of n-grams in the query syntax of the index, `OR` of `AND` of `OR`.

    N-grams contain no ASCII punctuation, so quoting them is safe.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        quote, both, either = ("'", " & ", " | ")
        if dialect.name == "sqlite":
            quote, both, either = ('"', " AND ", " OR ")
        sets = (
            both.join(
                f"({either.join(f'{quote}{gram}{quote}' for gram in group)})" for group in groups
            )
            for groups in value
        )
        return either.join(f"({one})" for one in sets)


@dataclass(frozen=True)
class Tier:
    """The rows of one score: exactly the ranked words `in_title` are in the title."""

    in_title: Sequence[str]
    elsewhere: Sequence[str]
    score: float  # 1 if all words are in the title, 0.5 if none is
    rows: int | None  # how many there are at most, if the index has counted them
    by_reference: bool = False  # only rows that have the query as a reference

    @property
    def number(self) -> Any:
        """The column that orders rows of the same score."""
        return SearchEntry.number if self.by_reference else NUMBER


@dataclass(frozen=True)
class Search:
    """The words of a query, with upper bounds of how many entries have each word."""

    resources: Sequence[str]
    words: Sequence[str]
    entries: int  # of all these resources together
    matches: Sequence[int]  # for each word; exact for words of one or two characters
    in_title: Sequence[int]  # the same for entries with the word in the title
    counted: Mapping[str, int]  # n-gram → entries that have it, in the same snapshot
    keys: Sequence[str] = ()  # of references that equal the whole query, if any exist
    marks: Sequence[Sequence[str]] = ()  # of each group of which a row has one
    # How many entries have one of a group, where all resources have such.
    marked: Sequence[int] = ()

    @property
    def exact_total(self) -> int | None:
        """The number of matching rows, if the index has the exact count."""
        return self.matches[0] if self._is_one_gram and not self.marks else None

    @property
    def _is_one_gram(self) -> bool:
        return len(self.words) == 1 and len(self.words[0]) <= EXACT_LENGTH and not self.keys

    @property
    def most(self) -> int:
        """At least the number of matching rows."""
        return min([*self.matches, *self.marked])

    def is_common(self, limit: int) -> bool:
        """Whether scanning rows in order fills a page before the index has listed all matches."""
        return self.most**2 > self.entries * limit

    def indexed(self) -> Select[Any]:
        """Entries with all words: `INDEX` joined with `SearchEntry`."""
        return self._indexed(HasGrams(self._sets()))

    def _indexed(self, has_grams: HasGrams) -> Select[Any]:
        return (
            select(SearchEntry.id)
            .select_from(INDEX)
            .join(SearchEntry, SearchEntry.number == NUMBER)
            .where(has_grams, *self._contain_words(EXACT_LENGTH))
        )

    def _sets(self) -> BindParameter[Any]:
        return literal(self._sets_of() or NO_ENTRY, GramSets())

    def _sets_of(self, in_title: Sequence[str] = ()) -> list[list[Sequence[str]]]:
        """The groups of n-grams of which an entry has one each, for each resource that may have some."""
        found = []
        for resource, groups in self._anywhere.items():
            grams = self._rarest(resource, IN_TITLE, in_title)
            if grams is not None:
                found.append([*groups, *([gram] for gram in grams)])
        return found

    @cached_property
    def _anywhere(self) -> Mapping[str, list[Sequence[str]]]:
        """Resource → the groups of n-grams and marks, the same for all tiers."""
        return {
            resource: [
                *([gram] for gram in grams),
                *(
                    [gram_of_mark(resource, one) for one in group]
                    for group in self.marks
                    if has_mark(resource, group[0])
                ),
            ]
            for resource in self.resources
            if (grams := self._rarest(resource, ANYWHERE, self.words)) is not None
        }

    def _rarest(self, resource: str, where: str, words: Sequence[str]) -> list[str] | None:
        """The n-grams to look for; None if there is no entry with one of them."""
        grams = {
            marked(resource, where, gram): len(word) > EXACT_LENGTH
            for word in sorted(words, key=len, reverse=True)  # a gram that is a word is looked for
            for gram in grams_of_word(word)
        }
        if not all(map(self.counted.get, grams)):
            return None
        of_long = [gram for gram, is_of_long in grams.items() if is_of_long]
        rarest = sorted(of_long, key=lambda gram: (self.counted[gram], gram))[:MOST_GRAMS]
        return [*(gram for gram in grams if not grams[gram]), *rarest]

    def referred(self) -> Select[Any]:
        """Entries that have the whole query as a reference, from `SearchEntry` alone."""
        return select(SearchEntry.id).where(
            SearchEntry.number.in_(self._referring()), SearchEntry.resource.in_(self.resources)
        )

    def _referring(self) -> Select[Any]:
        return select(SearchReference.number).where(SearchReference.key.in_(self.keys))

    def count(
        self, *conditions: ColumnElement[bool], of_references: Sequence[ColumnElement[bool]] = ()
    ) -> Select[Any]:
        """The number of matching entries that meet conditions, or those for what only references find."""
        indexed = self.indexed().where(*conditions)
        if not (self.keys or conditions or self._contain_words(EXACT_LENGTH)):
            return select(func.count()).select_from(INDEX).where(HasGrams(self._sets()))
        if not self.keys:
            return indexed.with_only_columns(func.count())
        number = SearchEntry.number
        referred = self.referred().where(*conditions, *of_references)
        found = union(*(s.with_only_columns(number) for s in (indexed, referred)))
        return select(func.count()).select_from(SearchEntry).where(number.in_(found))

    def matching(self, row: Any, *, scan_text: bool) -> ColumnElement[bool]:
        """The condition that a row of a resource's table matches.

        With `scan_text`, each row's text is scanned, in place of the index.
        """
        has_words = self._has_words(row, scan_text=scan_text)
        return or_(has_words, row.id.in_(self.referred())) if self.keys else has_words

    def _has_words(self, row: Any, *, scan_text: bool) -> ColumnElement[bool]:
        if not scan_text:
            ids: ColumnElement[bool] = row.id.in_(self.indexed())
            return ids
        # A scalar subquery runs for each row; the planner could turn EXISTS into a join of all rows.
        entry = select(and_(*self._contain_words(0))).where(
            SearchEntry.resource.in_(self.resources), SearchEntry.id == row.id
        )
        return entry.scalar_subquery()

    def _contain_words(self, exact_length: int) -> list[ColumnElement[bool]]:
        """Conditions that the text contains each word longer than `exact_length`."""
        words = [literal(word) for word in self.words if len(word) > exact_length]
        return [EitherContains(SearchEntry.title, SearchEntry.body, *words)] if words else []

    def tiers(self) -> list[Tier]:
        """All scores that rows can have, best first, and last the tier of references, if any.

        That tier ranks first (see `ranks`), but is last here, so that the positions in cursors stay
        the same with and without it.
        """
        rarity = {
            # Inverse document frequency, always above 0 (K. Spärck Jones, 1972).
            word: math.log(1 + (self.entries + 1) / (matches + 1))
            for word, matches in zip(self.words, self.matches, strict=True)
        }
        ranked = sorted(self.words, key=lambda word: (-rarity[word], word))[:MOST_RANKED]
        whole = sum(rarity.values())
        tiers = []
        for bits in range(2 ** len(ranked)):
            chosen = [word for bit, word in enumerate(ranked) if bits >> bit & 1]
            score = (whole + sum(rarity[word] for word in chosen)) / (2 * whole)
            others = [word for word in ranked if word not in chosen]
            rows = None
            if self._is_one_gram:
                rows = self.in_title[0] if chosen else self.matches[0] - self.in_title[0]
                rows = min([rows, *self.marked])
            tiers.append((-score, bits, Tier(chosen, others, round(score, 4), rows)))
        of_references = [Tier((), (), 1.0, None, by_reference=True)] if self.keys else []
        return [tier for *_, tier in sorted(tiers, key=lambda one: one[:2])] + of_references

    def ranks(self) -> list[int]:
        """The positions in `tiers`, in the order of relevance."""
        places = list(range(len(self.tiers())))
        return places[-1:] + places[:-1] if self.keys else places

    def in_tier(self, tier: Tier, limit: int) -> Select[Any] | None:
        """The entries of a tier, of which the caller takes the first `limit` by number; None if none."""
        if tier.by_reference:
            return self.referred()
        if not (sets := self._sets_of(tier.in_title)):
            return None
        title = SearchEntry.title
        compared = [literal(word) for word in tier.in_title if len(word) > EXACT_LENGTH]
        is_common = tier.rows is not None and tier.rows**2 > self.entries * limit
        has_grams = HasGramsSeqScan if is_common else HasGrams
        return self._indexed(has_grams(literal(sets, GramSets()))).where(
            *([Contains(title, *compared)] if compared else []),
            *([ContainsNone(title, *map(literal, tier.elsewhere))] if tier.elsewhere else []),
            *([SearchEntry.number.not_in(self._referring())] if self.keys else []),
        )


async def read_search(
    reader: Reader,
    resources: Sequence[str],
    query: str,
    marks: Sequence[Sequence[str]] = (),
) -> Search:
    """The words of a query and marks, with their counts in the index; one statement.

    Raises InvalidParametersError for a query with no words or too many.
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
                        "At least one character is required besides quotes, brackets and other "
                        "punctuation.",
                    ),
                )
            ]
        )
    query_grams = {
        marked(resource, where, gram)
        for resource in resources
        for where in (ANYWHERE, IN_TITLE)
        for gram in ("", *(gram for word in words for gram in grams_of_word(word)))
    }
    groups = [
        [gram_of_mark(resource, one) for resource in resources for one in group]
        for group in marks
        if all(has_mark(resource, group[0]) for resource in resources)
    ]
    query_grams.update(*groups)
    keys = sorted({folded(query), reference_key(query)})
    rows = await reader.execute(COUNTED, {"grams": sorted(query_grams), "keys": keys})
    counted: Mapping[str, int] = {row.gram: row.entries for row in rows}

    def entries(grams: Iterable[str], where: str = ANYWHERE) -> int:
        return sum(
            min(counted.get(marked(resource, where, gram), 0) for gram in grams)
            for resource in resources
        )

    matches = [entries(grams_of_word(word)) for word in words]
    in_title = [entries(grams_of_word(word), IN_TITLE) for word in words]
    found_keys = keys if counted[A_REFERENCE] else ()
    all_marked = [sum(counted.get(gram, 0) for gram in group) for group in groups]
    return Search(
        resources, words, entries([""]), matches, in_title, counted, found_keys, marks, all_marked
    )


async def having_words(reader: Reader, row: Any, query: str | None) -> list[ColumnElement[bool]]:
    """The condition that rows of a resource's table match a query, if there is one."""
    if not query:
        return []
    search = await read_search(reader, [row.__tablename__], query)
    return [search.matching(row, scan_text=False)]
