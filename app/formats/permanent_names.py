"""What calendars and feed readers know our things by: the same wherever a database is, for ever.

A reader takes what comes under another name for another thing, so no name has a host in it. Nobody
can own a name that ends in `.invalid` (RFC 6761, section 6.4), so nobody else mints these.
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
    """A path as readers follow it; without the host, where the operator has not said which."""
    return public_url.rstrip("/") + path


def address(public_url: str, path: str) -> str | None:
    """Where clients find a path; None where the operator has not said where the service is."""
    if not public_url.startswith(("https://", "http://")):
        return None
    return reference(public_url, path)
