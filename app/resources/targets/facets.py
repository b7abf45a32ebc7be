"""The facets of targets."""

from app.db.models import Agency, Assignment, Plan, PlanYear, Region, Section, Target
from app.reading.facets import Facet
from app.reading.target_filters import ASSIGNED
from app.resources.targets.schemas import TargetFacetField

ASSIGNMENTS = [
    (Assignment, Assignment.task_id == Target.task_id),
    (Agency, Agency.id == Assignment.agency_id),
]
OF_PLAN = (Plan, Plan.id == Target.plan_id)
FACETS = {
    TargetFacetField.JURISDICTION: Facet(
        Region.code,
        Region.name,
        joins=[OF_PLAN, (Region, Region.code == Plan.jurisdiction_code)],
        is_of_plan=True,
    ),
    TargetFacetField.YEAR: Facet(
        PlanYear.year, joins=[(PlanYear, PlanYear.plan_id == Target.plan_id)], several=True
    ),
    TargetFacetField.SERIES: Facet(Plan.series, joins=[OF_PLAN], is_of_plan=True),
    TargetFacetField.PLAN: Facet(Plan.id, Plan.title, joins=[OF_PLAN], is_of_plan=True),
    TargetFacetField.SECTION: Facet(
        Target.section_id, Section.title, joins=[(Section, Section.id == Target.section_id)]
    ),
    TargetFacetField.AGENCY: Facet(
        Agency.id, Agency.name, joins=ASSIGNMENTS, several=True, through=ASSIGNED
    ),
    TargetFacetField.ROLE: Facet(
        Assignment.role, joins=ASSIGNMENTS, several=True, through=ASSIGNED
    ),
    TargetFacetField.KIND: Facet(Target.kind),
    TargetFacetField.UNIT: Facet(Target.unit),
    TargetFacetField.COMPARATOR: Facet(Target.comparator),
    TargetFacetField.STRENGTH: Facet(Target.strength),
    TargetFacetField.RECURRENCE: Facet(Target.recurrence),
    TargetFacetField.ATTAINMENT: Facet(Target.attainment),
}
