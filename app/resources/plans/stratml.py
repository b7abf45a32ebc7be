"""A plan as StratML Part 2 (ANSI/AIIM 22, schema PerformancePlanOrReport of 2016-02-16).

| here | there |
|---|---|
| plan | `PerformancePlanOrReport` of the type `Performance_Plan`; preamble → `Description` |
| issuer | `Organization` |
| section | `Goal`; intro → `Description`; label → `SequenceIndicator` |
| task | `Objective` of its section's goal; body → `Description`; citation → `OtherInformation` |
| tasks of no section | `Objective`s of one `Goal` without a name |
| a section's own targets | an `Objective` without a name, whose `Description` is the intro |
| assignment | `Stakeholder` and its `Role`, a `Performer`; the agency's id → `Description` |
| target | `PerformanceIndicator`; due date, value, printed form and clause → `TargetResult` |

Elements for which a notice has no content are omitted where the schema allows it, else empty.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from app.kinds.document import marked

Document = dict[str, Any]
NAMESPACE = "urn:ISO:std:iso:17469:tech:xsd:PerformancePlanOrReport"


def as_stratml(
    plan: Document,
    sections: Sequence[Document],
    tasks: Sequence[Document],
    targets: Sequence[Document],
) -> str:
    """The XML document."""
    root = Element("PerformancePlanOrReport", {"xmlns": NAMESPACE, "Type": "Performance_Plan"})
    _add(root, "Name", marked(plan["title"], plan["is_example"]))
    _add(root, "Description", plan["preamble"])
    _add(root, "OtherInformation", plan["closing"])
    core = SubElement(root, "StrategicPlanCore")
    _add(SubElement(core, "Organization"), "Name", plan["issuer"] or plan["jurisdiction"]["name"])
    of_no_section = [task for task in tasks if task["section"] is None]
    if of_no_section:
        goal = SubElement(core, "Goal")
        _add(goal, "Name", "")
        _add(goal, "Description", "")
        for task in of_no_section:
            _objective(goal, task)
    for section in sections:
        goal = SubElement(core, "Goal")
        _add(goal, "Name", section["title"])
        _add(goal, "Description", section["intro"] or "")
        _add(goal, "Identifier", section["id"])
        _add(goal, "SequenceIndicator", section["label"])
        own = [t for t in targets if not t["task"] and t["section"]["id"] == section["id"]]
        if own:
            objective = SubElement(goal, "Objective")
            _add(objective, "Description", section["intro"])
            _indicators(objective, own)
        for task in tasks:
            if task["section"] and task["section"]["id"] == section["id"]:
                _objective(goal, task)
    administrative = SubElement(root, "AdministrativeInformation")
    _add(administrative, "Identifier", plan["id"])
    _add(administrative, "PublicationDate", plan["issued_on"])
    indent(root)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + tostring(root, encoding="unicode", short_empty_elements=False) + "\n"


def _add(parent: Element, name: str, text: str | None) -> None:
    """Add an element with text, unless the text is None."""
    if text is not None:
        SubElement(parent, name).text = text


def _objective(goal: Element, task: Document) -> None:
    objective = SubElement(goal, "Objective")
    _add(objective, "Name", task["title"])
    _add(objective, "Description", task["body"])
    _add(objective, "Identifier", task["id"])
    _add(objective, "SequenceIndicator", task["label"])
    for assignment in task["assignments"]:
        stakeholder = SubElement(objective, "Stakeholder")
        _add(stakeholder, "Name", assignment["agency"]["name"])
        _add(stakeholder, "Description", assignment["agency"]["id"])
        role = SubElement(stakeholder, "Role")
        _add(role, "Name", assignment["role_label"])
        _add(role, "RoleType", "Performer")
    _add(objective, "OtherInformation", task["citation"])
    _indicators(objective, task["targets"])


def _indicators(objective: Element, targets: Sequence[Document]) -> None:
    for number, target in enumerate(targets, 1):
        kind = "Quantitative" if target["kind"] == "quantitative" else "Qualitative"
        indicator = SubElement(objective, "PerformanceIndicator", PerformanceIndicatorType=kind)
        _add(indicator, "SequenceIndicator", str(number))
        _add(indicator, "MeasurementDimension", target["metric"])
        _add(indicator, "UnitOfMeasurement", target["unit"] or "")
        _add(indicator, "Identifier", target["id"])
        instance = SubElement(indicator, "MeasurementInstance")
        for value in _bounds(target):
            result = SubElement(instance, "TargetResult")
            _add(result, "EndDate", target["due_on"])
            _add(result, "NumberOfUnits", None if value is None else decimal(value))
            if target["comparator"]:
                descriptor = SubElement(result, "Descriptor")
                _add(descriptor, "DescriptorName", target["comparator_label"])
                _add(descriptor, "DescriptorValue", target["as_written"])
            _add(result, "Description", target["statement"])


def _bounds(target: Document) -> list[int | float | None]:
    """One value, or both of `between`."""
    values = [target["value"]]
    return [*values, target["value_upper"]] if target["value_upper"] is not None else values


def decimal(value: float) -> str:
    """A number without an exponent, which `xsd:decimal` does not allow."""
    return f"{Decimal(str(value)):f}"
