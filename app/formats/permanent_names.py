"""Permanent ids for calendars and feed readers, independent of the host of the service.

Readers treat an entry with another id as another entry, so no id contains the host.  Names that end
in `.invalid` cannot be registered (RFC 6761, section 6.4), so ids of others never collide.
"""

MINTED_BY = "work-plan-api.invalid"
SINCE = "2026"


def calendar_uid(id_: str) -> str:
    """The `UID` of the event of a resource (RFC 5545, section 3.8.4.7)."""
    return f"{id_}@{MINTED_BY}"


def tag(*parts: str) -> str:
    """The `id` of a feed or an entry: a tag URI (RFC 4151)."""
    return f"tag:{MINTED_BY},{SINCE}:{'/'.join(parts)}"


def reference(public_url: str, path: str) -> str:
    """A path as a link; without the host if WORKPLAN_PUBLIC_URL is not set."""
    return public_url.rstrip("/") + path


def address(public_url: str, path: str) -> str | None:
    """The absolute URL of a path; None if WORKPLAN_PUBLIC_URL is not set."""
    if not public_url.startswith(("https://", "http://")):
        return None
    return reference(public_url, path)
