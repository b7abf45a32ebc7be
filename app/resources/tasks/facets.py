"""The facets of tasks."""

from app.db.models import Agency, Assignment, Mention, Place, Plan, Platform, Region, Section, Task
from app.reading.facets import Facet
from app.resources.tasks.queries import ASSIGNED, HAS_TARGETS, NAMING_A_PLATFORM
from app.resources.tasks.schemas import TaskFacetField

ASSIGNMENTS = [
    (Assignment, Assignment.task_id == Task.id),
    (Agency, Agency.id == Assignment.agency_id),
]
FACETS = {
    TaskFacetField.PLAN: Facet(Task.plan_id, Plan.title, joins=[(Plan, Plan.id == Task.plan_id)]),
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
