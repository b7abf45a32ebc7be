"""A plan as StratML."""

from typing import Any
from xml.etree import ElementTree

from starlette.testclient import TestClient

from app.resources.plans.stratml import NAMESPACE, decimal
from tests.api.downloads import DOWNLOAD
from tests.support import PLAN

# The order of the schema PerformancePlanOrReport of 2016-02-16, as far as it is used.
STRATML_ORDER = {
    "PerformancePlanOrReport": "Name Description OtherInformation StrategicPlanCore"
    " AdministrativeInformation Submitter",
    "StrategicPlanCore": "Organization Vision Mission Value Goal",
    "Organization": "Name Acronym Identifier Description Stakeholder",
    "Goal": "Name Description Identifier SequenceIndicator Stakeholder OtherInformation Objective",
    "Objective": "Name Description Identifier SequenceIndicator Stakeholder OtherInformation"
    " PerformanceIndicator",
    "Stakeholder": "Name Description Role",
    "Role": "Name Description RoleType",
    "PerformanceIndicator": "SequenceIndicator MeasurementDimension UnitOfMeasurement Identifier"
    " Relationship MeasurementInstance OtherInformation",
    "MeasurementInstance": "TargetResult ActualResult",
    "TargetResult": "StartDate EndDate NumberOfUnits Descriptor Description",
    "Descriptor": "DescriptorName DescriptorValue",
    "AdministrativeInformation": "Identifier StartDate EndDate PublicationDate Source",
}
REQUIRED = {
    "PerformancePlanOrReport": {"Name", "StrategicPlanCore"},
    "StrategicPlanCore": {"Goal"},
    "Goal": {"Name", "Description"},
    "Stakeholder": {"Name"},
    "Role": {"Name"},
    "PerformanceIndicator": {"MeasurementDimension", "UnitOfMeasurement"},
}


def test_stratml_keeps_the_order_of_its_schema(client: TestClient, whole: dict[str, Any]) -> None:
    answer = client.get(f"{DOWNLOAD}?format=stratml")
    assert answer.headers["content-type"] == "application/xml"
    root = ElementTree.fromstring(answer.text)  # noqa: S314
    assert root.tag == f"{{{NAMESPACE}}}PerformancePlanOrReport"
    assert root.get("Type") == "Performance_Plan"
    identifiers = []
    for element in root.iter():
        name = element.tag.split("}")[1]
        children = [child.tag.split("}")[1] for child in element]
        order = STRATML_ORDER.get(name, "").split()
        places = [order.index(child) for child in children]
        assert places == sorted(places), name
        assert REQUIRED.get(name, set()) <= set(children), name
        if name == "Identifier":
            identifiers.append(element.text)
    wanted = {row["id"] for part in ("sections", "tasks", "targets") for row in whole[part]}
    assert set(identifiers) == {PLAN, *wanted}
    assert len(identifiers) == len(set(identifiers))


def test_stratml_says_what_a_target_says(client: TestClient) -> None:
    text = client.get(DOWNLOAD, headers={"Accept": "application/xml"}).text
    root = ElementTree.fromstring(text)  # noqa: S314
    names = {"s": NAMESPACE}
    indicator = next(
        one
        for one in root.iterfind(".//s:PerformanceIndicator", names)
        if one.findtext("s:Identifier", namespaces=names) == "gd-dg-2022-t17.2-k3"
    )
    path = "s:MeasurementInstance/s:TargetResult/"
    assert indicator.findtext(f"{path}s:NumberOfUnits", namespaces=names) == "2000000"
    assert indicator.findtext(f"{path}s:EndDate", namespaces=names) == "2022-12-31"
    assert indicator.findtext(f"{path}s:Descriptor/s:DescriptorValue", namespaces=names) == (
        "超过200万"
    )


def test_a_decimal_of_stratml_has_no_exponent() -> None:
    assert [decimal(value) for value in (60, 0.5, 1e21, 1e-7)] == [
        "60", "0.5", "1" + "0" * 21, "0.0000001",
    ]  # fmt: skip
