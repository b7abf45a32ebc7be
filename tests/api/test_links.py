"""`Link` leads on where it is short; a long one would break clients and proxies."""

import pytest
from starlette.testclient import TestClient

LONGEST = 2_000  # bytes


def filtered(client: TestClient, path: str, filters: int, **params: str | int) -> tuple[str, str]:
    """The `Link` of a first page, and what `page.next` says, under so many filters."""
    filters_ = [("plan", "gd-dg-2022")] * filters
    answer = client.get(path, params=[*filters_, *params.items()])
    assert answer.status_code == 200, answer.text
    return answer.headers.get("link", ""), answer.json()["page"]["next"]


@pytest.mark.parametrize("path", ["/v1/tasks", "/v1/targets", "/v1/search?q=数"])
def test_a_link_of_any_length_is_there_or_left_out_by_its_bytes(
    client: TestClient, path: str
) -> None:
    base, _, query = path.partition("?")
    params = dict([query.split("=")]) if query else {}
    lengths = []
    for filters in (1, 20, 40, 60, 200, 1000):
        link, next_ = filtered(client, base, filters, **params, limit=1)
        assert next_
        lengths.append(len(link))
        assert f"cursor={next_}" in link or not link
    assert 0 < lengths[0] < lengths[1] <= LONGEST
    assert lengths[-2:] == [0, 0]
    assert max(lengths) <= LONGEST


def test_a_walk_under_many_filters_goes_on_by_page_next(client: TestClient) -> None:
    query = "limit=40" + "&plan=gd-dg-2022" * 500
    first = client.get(f"/v1/tasks?{query}")
    assert "link" not in first.headers
    second = client.get(f"/v1/tasks?{query}&cursor={first.json()['page']['next']}")
    assert len(first.json()["data"]) + len(second.json()["data"]) == 76
    assert second.json()["page"]["next"] is None
