"""The pages of the loaded notice, one of each type, and what a browser would read of them."""

from lxml import html

from tests.support import PLAN

# One page of each type that the loaded notice has.
PAGES = (
    "/",
    "/plans",
    f"/plans/{PLAN}",
    f"/plans/{PLAN}/text",
    f"/plans/{PLAN}/reading",
    f"/plans/{PLAN}/comparison",
    "/tasks?status=not_reported",
    f"/tasks/{PLAN}-t17.2",
    f"/tasks/{PLAN}-t17",
    f"/tasks/{PLAN}-t17.2/history",
    "/agencies",
    "/agencies?name=能源",
    "/agencies/gd-energy",
    "/jurisdictions/440000",
    "/targets",
    "/platforms",
    "/platforms/yue-zheng-yi",
    "/bulletins",
    "/assessments",
    f"/monitoring?plan={PLAN}&as_of=2022-12-31",
    "/unusual",
    "/search",
    "/search?q=数据",
    "/search?q=能源区块链",
    f"/compare?a={PLAN}-t17.1&b={PLAN}-t17.2",
    "/changes",
    "/errors",
    f"/errors?about=tasks/{PLAN}-t17.2",
    "/states",
    "/about",
    "/developers",
    f"/embed/tasks/{PLAN}-t17.2",
    f"/embed/monitoring?plan={PLAN}&as_of=2022-12-31",
)


def parsed(text: str) -> html.HtmlElement:
    """A page as a browser reads it."""
    return html.document_fromstring(text)


def links(page: str | html.HtmlElement) -> list[str]:
    """All that a page links to or loads, and where its forms go."""
    whole = parsed(page) if isinstance(page, str) else page
    found: list[str] = whole.xpath("//@href | //@src | //@action")
    return found


def words(text: str) -> str:
    """The text that a reader sees."""
    found: str = parsed(text).body.text_content()
    return found
