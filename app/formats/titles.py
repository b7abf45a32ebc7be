"""What each kind of thing is called in one line, for feeds and messages: by its document."""

from collections.abc import Callable, Mapping
from typing import Any

from app.enums import PublishedKind

TITLES: Mapping[PublishedKind, Callable[[Mapping[str, Any]], str]] = {
    PublishedKind.PLAN: lambda plan: plan["title"],
    PublishedKind.SECTION: lambda section: section["title"],
    PublishedKind.TASK: lambda task: task["title"],
    PublishedKind.AGENCY: lambda agency: agency["name"],
    PublishedKind.TARGET: lambda target: target["metric"],
    PublishedKind.PLATFORM: lambda platform: platform["name"],
    PublishedKind.REPORT: lambda report: report["task"]["title"],
    PublishedKind.MEASUREMENT: lambda measurement: measurement["target"]["metric"],
    PublishedKind.MILESTONE: lambda milestone: milestone["title"],
    PublishedKind.ASSESSMENT: lambda assessment: assessment["subject"]["name"],
    PublishedKind.BULLETIN: lambda bulletin: bulletin["title"],
}
