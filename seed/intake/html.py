"""A web page → the paragraphs and tables of its article, without the site around it.

The article is found by where sentences stand; a library for news pages drops the document number,
the signature and short items, which a notice consists of.
"""

import re
from collections import Counter
from collections.abc import Sequence

from lxml import etree
from lxml import html as lxml_html

from seed.intake.archives import PARSER_OPTIONS
from seed.intake.blocks import Block, Extraction, IntakeQuestion, Origin, SetAside
from seed.intake.encodings import decode
from seed.intake.html_text import Chunk, chunks, is_hidden, page_table
from seed.intake.lines import Line, clean_line, join_titles, paragraphs_of
from seed.intake.tables import read_table
from seed.refusals import NoticeRefusedError

HAN = re.compile("[\u3400-\u9fff]")
DECLARED = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", re.IGNORECASE)
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
NOISE = frozenset(
    {"script", "style", "noscript", "template", "svg", "iframe", "frame", "object", "embed"}
    | {"select", "option", "button", "input", "textarea", "head"}
)
DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}〔\d{4}〕\d{1,5}号")
ATTACHMENT = re.compile(r"\.(?:docx?|wps|pdf|xlsx?|et|ofd|zip|rar)(?:[?#]|$)", re.IGNORECASE)
CONTAINERS = frozenset(
    {
        "div",
        "section",
        "article",
        "main",
        "table",
        "tbody",
        "tr",
        "td",
        "form",
        "center",
        "ul",
        "li",
    }
)
CHROME = re.compile(r"foot|copyright|\bnav|crumb|menu|sidebar|share", re.IGNORECASE)
SENTENCE = 20  # Chinese characters and a full stop
FEWEST = 200  # Chinese characters of sentences in a frame that is the article all the same
SHARE = 0.5  # of the text of an element, which one of its children must have to be the article
SMALL = 120  # pixels of a picture that holds no words
MOST_LISTED = 2000  # characters of what is hidden at one place


def read_html(data: bytes) -> Extraction:
    """The article of a web page.

    Raises NoticeRefusedError for a page without text of its own.
    """
    text, encoding = _decoded(data)
    root = _parsed(text)
    questions: list[IntakeQuestion] = []
    aside: list[SetAside] = _remove_unseen(root)
    body = next(root.iter("body"), root)
    everything = list(chunks(body))
    sentences = _sentences(everything)
    if not sentences:
        raise NoticeRefusedError(
            None,
            "a web page without a text of its own (a script or a frame loads it)",
            "the page as the browser shows it: save it again from there, or print it to PDF",
        )
    article = _article(body, everything, sentences)
    inside = set(article.iter())
    _ask_about_marks(article, questions, aside)
    blocks: list[Block] = []
    waiting: list[list[Line]] = []
    around: list[str] = []

    def finish() -> None:
        paragraphs, asked = paragraphs_of(join_titles(waiting), len(blocks))
        blocks.extend(paragraphs)
        questions.extend(asked)
        waiting.clear()

    tables = 0
    for number, chunk in enumerate(everything, 1):
        origin = Origin(paragraph=number)
        if chunk.element not in inside and not _belongs(chunk, article):
            around.append(chunk.text)
        elif chunk.is_table:
            finish()
            tables += 1
            place = Origin(table=tables, paragraph=number)
            found = read_table(page_table(chunk.element, tables), place, len(blocks))
            blocks += found.blocks
            aside += found.set_aside
            questions += found.questions
        elif (line := clean_line(chunk.text, origin)).text:
            waiting.append([line])
    finish()
    if words := " | ".join(each.strip() for each in around if each.strip()):
        aside.append(SetAside("outside the article", words, Origin()))
    return Extraction("html", tuple(blocks), tuple(aside), tuple(questions), encoding)


def _decoded(data: bytes) -> tuple[str, str]:
    """The page's text; what it declares counts only where its bytes prove nothing."""
    try:
        return decode(data)
    except NoticeRefusedError:
        declared = DECLARED.search(data[:4096])
        name = declared[1].decode("ascii").lower() if declared else ""
        if name not in {"big5", "big5-hkscs", "gbk", "gb2312", "gb18030"}:
            raise
        try:
            return data.decode("gb18030" if name.startswith("gb") else name), name
        except UnicodeDecodeError:
            pass
        raise


def _parsed(text: str) -> "etree._Element":
    options = {name: value for name, value in PARSER_OPTIONS.items() if name in HTML_OPTIONS}
    parser = lxml_html.HTMLParser(**options)
    try:
        root = lxml_html.document_fromstring(DECLARATION.sub("", text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise NoticeRefusedError(None, "a damaged web page", "one that a browser shows") from None
    if any("depth" in error.message for error in parser.error_log):
        raise NoticeRefusedError(None, "a web page nested too deep", "one that a person wrote")
    return root


HTML_OPTIONS = frozenset({"no_network", "huge_tree", "remove_comments", "remove_pis"})


def _remove_unseen(root: "etree._Element") -> list[SetAside]:
    """Take out what a browser does not show as text; hidden words are set aside."""
    aside = []
    for element in list(root.iter(etree.Element)):
        hidden = is_hidden(element)
        if element.tag not in NOISE and not hidden:
            continue
        words = " ".join(" ".join(element.itertext()).split()) if hidden else ""
        if words and element.tag not in NOISE:
            aside.append(SetAside("hidden text", words[:MOST_LISTED], Origin()))
        if element.getparent() is not None:
            element.drop_tree()
    return aside


def _weight(chunk: Chunk) -> int:
    """How many Chinese characters of a piece are no links."""
    return len(HAN.findall(chunk.text)) - chunk.linked


def _is_sentence(chunk: Chunk) -> bool:
    return chunk.is_table or (
        _weight(chunk) >= SENTENCE and re.search("[。；]", chunk.text) is not None
    )


def _sentences(everything: Sequence[Chunk]) -> list[Chunk]:
    """The sentences of a page, without those of its frame unless it holds all of them."""
    every = [chunk for chunk in everything if _is_sentence(chunk)]
    own = [chunk for chunk in every if not _is_chrome(chunk.element)]
    return own or (every if sum(map(_weight, every)) > FEWEST else [])


def _article(
    body: "etree._Element", everything: Sequence[Chunk], counted: Sequence[Chunk]
) -> "etree._Element":
    """The innermost element that holds all sentences: what has none beside it is the site's."""
    weights: Counter[etree._Element] = Counter()
    sentences: Counter[etree._Element] = Counter()
    for chunk in everything:
        for element in (chunk.element, *chunk.element.iterancestors()):
            weights[element] += _weight(chunk)
    for chunk in counted:
        sentences.update((chunk.element, *chunk.element.iterancestors()))
    article = body
    while True:
        best = max(article, key=lambda child: weights[child], default=None)
        if best is None or weights[best] < SHARE * weights[article]:
            return article
        if sentences[best] < sentences[article]:
            return article
        if best.tag not in CONTAINERS:
            return article
        article = best


def _is_chrome(element: "etree._Element") -> bool:
    """Whether an element says of itself that it is the frame of a site."""
    return any(
        each.tag in {"nav", "footer", "aside"}
        or CHROME.search(f"{each.get('id', '')} {each.get('class', '')}")
        for each in (element, *element.iterancestors())
    )


def _belongs(chunk: Chunk, article: "etree._Element") -> bool:
    """The title and the document number belong to an article that they stand above."""
    if any(each.tag == "h1" for each in (chunk.element, *chunk.element.iterancestors())):
        title = re.sub(r"\s", "", chunk.text)
        beginning = re.sub(r"\s", "", "".join(article.itertext()))[:600]
        return len(title) >= 8 and title not in beginning
    return DOCUMENT_NUMBER.fullmatch(chunk.text.strip()) is not None


def _ask_about_marks(
    article: "etree._Element", questions: list[IntakeQuestion], aside: list[SetAside]
) -> None:
    """Struck words and pictures are questions; attachments are named."""
    for element in article.iter("del", "s", "strike"):
        if words := " ".join("".join(element.itertext()).split()):
            expected = "whether these words still hold"
            questions.append(IntakeQuestion("struck_through", words, expected, None, Origin()))
    pictures = [
        image.get("src", "")[:200]
        for image in article.iter("img")
        if not any(_pixels(image.get(side)) < SMALL for side in ("width", "height"))
    ]
    if pictures:
        expected = "what they say, where they hold words of the notice"
        found = f"{len(pictures)} pictures in the article, such as {pictures[0]}"
        questions.append(IntakeQuestion("image", found, expected, None, Origin()))
    for link in article.iter("a"):
        if ATTACHMENT.search(link.get("href", "")):
            words = " ".join("".join(link.itertext()).split())
            aside.append(SetAside("attachment", f"{words} {link.get('href')}"[:500], Origin()))


def _pixels(size: str | None) -> int:
    match = re.match(r"\d{1,5}", size or "")
    return int(match[0]) if match else SMALL
