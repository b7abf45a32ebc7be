"""Counts of targets by a field."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.facets import Facet, count_buckets
from app.searching import having_words
from app.tables import Agency, Assignment, Plan, Section, Target
from app.targets.queries import fitting, ids_of, matching
from app.targets.schemas import TargetFacetField, TargetFacets, TargetFilters
from app.vocabulary import ATTAINMENT_LABELS, COMPARATOR_LABELS, ROLE_LABELS, TARGET_KIND_LABELS

ASSIGNED = [
    (Assignment, Assignment.task_id == Target.task_id),
    (Agency, Agency.id == Assignment.agency_id),
]
FACETS = {
    TargetFacetField.PLAN: Facet(
        Target.plan_id, Plan.title, joins=[(Plan, Plan.id == Target.plan_id)]
    ),
    TargetFacetField.SECTION: Facet(
        Target.section_id, Section.heading, joins=[(Section, Section.id == Target.section_id)]
    ),
    TargetFacetField.AGENCY: Facet(Agency.id, Agency.name, joins=ASSIGNED, several=True),
    TargetFacetField.ROLE: Facet(Assignment.role, labels=ROLE_LABELS, joins=ASSIGNED, several=True),
    TargetFacetField.KIND: Facet(Target.kind, labels=TARGET_KIND_LABELS),
    TargetFacetField.UNIT: Facet(Target.unit),
    TargetFacetField.COMPARATOR: Facet(Target.comparator, labels=COMPARATOR_LABELS),
    TargetFacetField.ATTAINMENT: Facet(Target.attainment, labels=ATTAINMENT_LABELS),
}


async def target_facets(
    session: AsyncSession, field: TargetFacetField, wanted: TargetFilters
) -> TargetFacets:
    """Counts of the targets that the filters leave; four statements at the most."""
    ids = await ids_of(session, wanted)
    conditions = [*wanted.conditions(Target), *matching(wanted, ids)]
    conditions += await having_words(session, Target, wanted.q)
    facet, one_assignment = FACETS[field], []
    if facet.joins is ASSIGNED:
        # Agency and role hold of one assignment: a value counts where the other fits it too.
        others = {name: found for name, found in ids.items() if name != field}
        one_assignment = fitting(wanted.model_copy(update={field: []}), others)
    total, buckets = await count_buckets(session, Target, facet, conditions, one_assignment)
    return TargetFacets(resource="targets", field=field, total=total, data=buckets)
