"""The facets of targets."""

from app.db.models import Agency, Assignment, Plan, Section, Target
from app.reading.facets import Facet
from app.reading.target_filters import ASSIGNED
from app.resources.targets.schemas import TargetFacetField

ASSIGNMENTS = [
    (Assignment, Assignment.task_id == Target.task_id),
    (Agency, Agency.id == Assignment.agency_id),
]
FACETS = {
    TargetFacetField.PLAN: Facet(
        Target.plan_id, Plan.title, joins=[(Plan, Plan.id == Target.plan_id)]
    ),
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
