"""The total of a list with `q`: from the text index, or from the rows where filters leave few of them."""

from sqlalchemy import select

from app.db.engine import Reader
from app.db.models import SearchEntry
from app.reading.listing import Listing, Values, count, count_statement
from app.reading.search import Search
from app.reading.tallied import REPORTED, held_total
from app.reading.ways import ANY, RARE_ROWS, is_start


async def count_found(reader: Reader, listing: Listing, search: Search, values: Values) -> int:
    """The number of rows with the words that meet the filters; at most two statements, and of `way_of`."""
    table, active = listing.table, listing.active(values)
    is_whole = listing.below is None and not listing.always
    reported = REPORTED.get(table)
    if reported and reported.nothing in values.get(reported.name, ()):
        # Nothing is reported of most: the others are counted, and all.
        others = [one for one in type(reported.nothing) if one not in values[reported.name]]
        of_all = {name: value for name, value in values.items() if name != reported.name}
        of_others = {**values, reported.name: others}
        left_out = await count_found(reader, listing, search, of_others) if others else 0
        return await count_found(reader, listing, search, of_all) - left_out
    if is_whole and values.keys() <= {*listing.marks(values).filters}:
        of_list = SearchEntry.id.in_(select(table.id).where(*listing.conditions(active)))
        return await count(reader, search.count(of_references=[of_list]), values)
    by_index = search.matching(table, scan_text=False)
    if is_whole:
        total = await held_total(reader, table, listing.tallied, values, by_index)
        if total is not None:
            return total
    if search.most > RARE_ROWS:
        starts = (name for name in values if name in listing.filters)
        is_few, way = any(is_start(name, listing.filters[name]) for name in starts), ANY
        if not is_few:
            way = await listing.way(reader, values)
            is_few = way.plans is not None or way.ids is not None
        if is_few:
            counted = count_statement(listing, active, way.shape)
            by_text = counted.where(search.matching(table, scan_text=True))
            return await count(reader, by_text, {**values, **way.values})
    return await count(reader, count_statement(listing, active).where(by_index), values)
