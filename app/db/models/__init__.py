"""The whole data model: START with `notice`, then `practice`.

    notice     the content of notices: governments, plans, sections, tasks, agencies, targets, platforms
    practice   facts added by agencies, coordinators and assessors
    trust      API keys, delegations and the audit log
    finding    the text index, and what totals are summed from
    feed       the change feed, webhooks and their deliveries
    history    what documents were before
    lineage    how plans go on from earlier ones

Natural keys: ids of the contract are the primary keys, so loading twice changes nothing.
`Published` rows are resources of the API; beside the columns, which are for queries, each row has
its finished public `document` (see `app/kinds/`).
"""

from app.db.models.base import AppendOnly, Base, Fact, row_of
from app.db.models.feed import (
    Change,
    ChangeAgency,
    Delivery,
    FittingRevision,
    Rebuild,
    Revision,
    Webhook,
)
from app.db.models.finding import PeriodTally, SearchEntry, SearchGram, SearchReference, Tally
from app.db.models.history import DocumentVersion
from app.db.models.lineage import Comparison, LineageDecision, LineageLink
from app.db.models.notice import (
    LAST_WITHOUT_DATE,
    LAST_WITHOUT_DATE_REVERSED,
    Agency,
    Assignment,
    CollectiveMember,
    Correction,
    Jurisdiction,
    KnownName,
    LoadedRegistry,
    Mention,
    PageImage,
    Place,
    Plan,
    PlanYear,
    Platform,
    Region,
    Section,
    Succession,
    Target,
    Task,
)
from app.db.models.practice import (
    Assessment,
    Bulletin,
    ErrorReport,
    Measurement,
    Milestone,
    MilestoneChange,
    ReceivedError,
    Report,
    Withdrawal,
)
from app.db.models.trust import ApiKey, AuditLine, Delegation, StoredResponse

__all__ = [
    "LAST_WITHOUT_DATE",
    "LAST_WITHOUT_DATE_REVERSED",
    "Agency",
    "ApiKey",
    "AppendOnly",
    "Assessment",
    "Assignment",
    "AuditLine",
    "Base",
    "Bulletin",
    "Change",
    "ChangeAgency",
    "CollectiveMember",
    "Comparison",
    "Correction",
    "Delegation",
    "Delivery",
    "DocumentVersion",
    "ErrorReport",
    "Fact",
    "FittingRevision",
    "Jurisdiction",
    "KnownName",
    "LineageDecision",
    "LineageLink",
    "LoadedRegistry",
    "Measurement",
    "Mention",
    "Milestone",
    "MilestoneChange",
    "PageImage",
    "PeriodTally",
    "Place",
    "Plan",
    "PlanYear",
    "Platform",
    "Rebuild",
    "ReceivedError",
    "Region",
    "Report",
    "Revision",
    "SearchEntry",
    "SearchGram",
    "SearchReference",
    "Section",
    "StoredResponse",
    "Succession",
    "Tally",
    "Target",
    "Task",
    "Webhook",
    "Withdrawal",
    "row_of",
]
