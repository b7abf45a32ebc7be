"""The queries of the service document."""

from typing import Any

from sqlalchemy import bindparam, func, select

from app.db.engine import Reader
from app.db.models import PeriodTally, Region, SearchGram
from app.db.revision import READ_REVISION
from app.kinds import NOTICE_KINDS
from app.kinds.kind import Count, Kind
from app.projections.ngrams import ANYWHERE, marked
from app.projections.tallies import ITSELF
from app.resources.service.schemas import LINKS, Counts, Licence, Links, Service
from app.schemas.references import JurisdictionRef

TITLE = "Work Plan API · 政府工作要点开放接口"
# Copyright Law of the People's Republic of China, article 5, item 1.
LICENCE = Licence(
    name="官方文件，不受著作权法保护；可自由使用，请注明出处",
    basis="《中华人民共和国著作权法》第五条第一项",
)

HOME = {"home_code": Region.code, "home_name": Region.name, "home_level": Region.level}


def _count(kind: Kind, count: Count) -> Any:
    """The number of published rows; that of all is in the text index, which has each of them."""
    if count.held is None:
        of_all = SearchGram.gram == marked(kind.name, ANYWHERE)
        counted = select(SearchGram.entries).where(of_all)
    else:
        of_kind = PeriodTally.resource == kind.name, PeriodTally.link == ITSELF
        counted = select(func.sum(PeriodTally.rows)).where(
            *of_kind, PeriodTally.held.like(count.held)
        )
    return func.coalesce(counted.scalar_subquery(), 0)


COUNTS = select(
    *(
        _count(kind, count).label(count.name or kind.plural)
        for kind in NOTICE_KINDS
        for count in kind.counts
    ),
    *(
        select(column).where(Region.code == bindparam("home")).scalar_subquery().label(name)
        for name, column in HOME.items()
    ),
)


async def service_document(reader: Reader, prefix: str, html_base: str) -> Service:
    """Counts of published resources, and links; two statements."""
    counted = (await reader.execute(COUNTS, {"home": reader.home})).mappings().one()
    revision = (await reader.execute(READ_REVISION)).one()
    home = None
    if code := counted["home_code"]:
        level = counted["home_level"]
        home = JurisdictionRef(
            code=code, name=counted["home_name"], level=level, level_label=level.label
        )
    return Service(
        title=TITLE,
        revision=revision.number,
        changed_at=revision.changed_at if revision.number else None,
        epoch=revision.epoch,
        html_base=html_base,
        home_jurisdiction=home,
        counts=Counts.model_validate(dict(counted)),
        links=Links.model_validate({name: prefix + path for name, path in LINKS.items()}),
        licence=LICENCE,
    )
