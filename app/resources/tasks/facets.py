"""The facets of tasks."""

from app.db.models import (
    Agency,
    Assignment,
    Mention,
    Place,
    Plan,
    PlanYear,
    Platform,
    Region,
    Section,
    Task,
)
from app.projections.tallies import HAS_TARGETS
from app.reading.facets import Facet
from app.resources.tasks.queries import ASSIGNED, NAMING_A_PLATFORM
from app.resources.tasks.schemas import TaskFacetField

ASSIGNMENTS = [
    (Assignment, Assignment.task_id == Task.id),
    (Agency, Agency.id == Assignment.agency_id),
]
OF_PLAN = (Plan, Plan.id == Task.plan_id)
FACETS = {
    TaskFacetField.JURISDICTION: Facet(
        Region.code,
        Region.name,
        joins=[OF_PLAN, (Region, Region.code == Plan.jurisdiction_code)],
        is_of_plan=True,
    ),
    TaskFacetField.YEAR: Facet(
        PlanYear.year, joins=[(PlanYear, PlanYear.plan_id == Task.plan_id)], several=True
    ),
    TaskFacetField.SERIES: Facet(Plan.series, joins=[OF_PLAN], is_of_plan=True),
    TaskFacetField.PLAN: Facet(Plan.id, Plan.title, joins=[OF_PLAN], is_of_plan=True),
    TaskFacetField.SECTION: Facet(
        Task.section_id, Section.title, joins=[(Section, Section.id == Task.section_id)]
    ),
    TaskFacetField.LEVEL: Facet(Task.level),
    TaskFacetField.LEAF: Facet(Task.is_leaf),
    TaskFacetField.AGENCY: Facet(
        Agency.id, Agency.name, joins=ASSIGNMENTS, several=True, through=ASSIGNED
    ),
    TaskFacetField.ROLE: Facet(Assignment.role, joins=ASSIGNMENTS, several=True, through=ASSIGNED),
    TaskFacetField.AGENCY_KIND: Facet(
        Agency.kind, joins=ASSIGNMENTS, several=True, through=ASSIGNED
    ),
    TaskFacetField.PLATFORM: Facet(
        Platform.id,
        Platform.name,
        joins=[
            (Mention, Mention.task_id == Task.id),
            (Platform, Platform.id == Mention.platform_id),
        ],
        several=True,
        through=NAMING_A_PLATFORM,
    ),
    TaskFacetField.MODE: Facet(
        Mention.mode,
        joins=[(Mention, Mention.task_id == Task.id)],
        several=True,
        through=NAMING_A_PLATFORM,
    ),
    TaskFacetField.PLACE: Facet(
        Region.code,
        Region.name,
        joins=[(Place, Place.task_id == Task.id), (Region, Region.code == Place.region_code)],
        several=True,
    ),
    TaskFacetField.STATUS: Facet(Task.status),
    TaskFacetField.HAS_TARGETS: Facet(HAS_TARGETS),
}
