"""The kinds of published resources, each declared once, in its own file.

Code for all kinds (exports, feeds, messages, search, the contract) iterates over `KINDS` and names
none of them.  A new kind of fact is a file here and its place in `FACT_KINDS`; see `CONTRIBUTING.md`.
"""

from collections.abc import Mapping

from app.enums import KeyRole, Labelled
from app.kinds.agency import AGENCY
from app.kinds.assessment import ASSESSMENT
from app.kinds.bulletin import BULLETIN
from app.kinds.error_report import ERROR_REPORT
from app.kinds.jurisdiction import JURISDICTION
from app.kinds.kind import FactKind, Kind, NoticeKind
from app.kinds.measurement import MEASUREMENT
from app.kinds.milestone import MILESTONE
from app.kinds.plan import PLAN
from app.kinds.platform import PLATFORM
from app.kinds.report import REPORT
from app.kinds.section import SECTION
from app.kinds.target import TARGET
from app.kinds.task import TASK

# The order of enums, tags and links in the contract.
NOTICE_KINDS: tuple[NoticeKind, ...] = (
    PLAN,
    SECTION,
    TASK,
    AGENCY,
    TARGET,
    PLATFORM,
    JURISDICTION,
)
FACT_KINDS: tuple[FactKind, ...] = (
    REPORT,
    MEASUREMENT,
    MILESTONE,
    ASSESSMENT,
    BULLETIN,
    ERROR_REPORT,
)
KINDS: tuple[Kind, ...] = (*NOTICE_KINDS, *FACT_KINDS)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
FACTS_BY_MODEL: Mapping[type, FactKind] = {kind.model: kind for kind in FACT_KINDS}
# Facts of agencies on their own tasks, then facts of others.
OF_AGENCIES = tuple(kind for kind in FACT_KINDS if kind.written_by is KeyRole.REPORTER)
OF_OTHERS = tuple(kind for kind in FACT_KINDS if kind.written_by is not KeyRole.REPORTER)


class PublishedKind(Labelled):
    """Kind of resource in the change feed."""

    _ignore_ = ["kind"]  # noqa: RUF012 - as Enum reads it
    for kind in KINDS:
        vars()[kind.name.upper()] = kind.name, kind.label


class ResourceKind(Labelled):
    """Kind of searchable resource."""

    _ignore_ = ["kind"]  # noqa: RUF012 - as Enum reads it
    for kind in NOTICE_KINDS:
        vars()[kind.name.upper()] = kind.name, kind.label
