"""The text of a Word paragraph as it is shown: hidden, struck and boxed words found on the way."""

import re
from collections.abc import Iterator

from lxml import etree

from seed.intake.archives import attribute, child, local
from seed.intake.blocks import IntakeQuestion, Origin, SetAside

WRAPPERS = frozenset(
    {"hyperlink", "smartTag", "sdt", "sdtContent", "customXml", "fldSimple", "dir", "bdo", "ruby"}
    | {"rubyBase", "oMath", "oMathPara", "ins", "moveTo"}
)
PAGE = 7_560_310 * 10_692_130  # of A4, in the units of drawings
LARGE_PICTURE = 0.15  # of a page: it may hold words
BREAK = "\n"


class Runs:
    """Reads paragraphs one after the other; collects what is set aside and asked in them."""

    def __init__(self, styles: "etree._Element | None") -> None:
        self.set_aside: list[SetAside] = []
        self.questions: list[IntakeQuestion] = []
        self._hidden = frozenset(
            attribute(style, "styleId") or ""
            for style in (styles if styles is not None else ())
            if local(style) == "style" and _is_on(child(style, "rPr", "vanish"))
        )
        self._field_depth: list[bool] = []  # for each open field: whether its result has begun

    def texts(self, paragraph: "etree._Element", origin: Origin) -> list[str]:
        """What a paragraph shows, parted at its line breaks; at least one text."""
        hidden_style = attribute(child(paragraph, "pPr", "pStyle"), "val") in self._hidden
        shown = ""
        unseen: dict[str, str] = {}
        struck = ""
        for run in _runs(paragraph):
            text = self._run_text(run, origin)
            properties = child(run, "rPr")
            rule = self._hides(properties, hidden=hidden_style)
            if rule:
                unseen[rule] = unseen.get(rule, "") + text
                continue
            if _is_on(child(properties, "strike")) or _is_on(child(properties, "dstrike")):
                struck += text
            shown += text
        for rule, words in unseen.items():
            if words.strip():
                self.set_aside.append(SetAside(rule, words.strip(), origin))
        if struck.strip():
            self.questions.append(
                IntakeQuestion(
                    "struck_through", struck.strip(), "whether these words still hold", None, origin
                )
            )
        # What only an instruction was begun for would hide the rest of the document.
        self._field_depth = [True for _ in self._field_depth]
        return shown.split(BREAK)

    def _hides(self, properties: "etree._Element | None", *, hidden: bool) -> str | None:
        vanish = child(properties, "vanish")
        style = attribute(child(properties, "rStyle"), "val")
        if _is_on(vanish) or (vanish is None and (hidden or style in self._hidden)):
            return "hidden text"
        color = attribute(child(properties, "color"), "val")
        if color and color.upper() == "FFFFFF" and not _is_shaded(properties):
            return "white text"
        return None

    def _run_text(self, run: "etree._Element", origin: Origin) -> str:
        """The words of a run; instructions of fields are not shown, their results are."""
        text = ""
        for element in run:
            name = local(element)
            if name == "fldChar":
                self._follow_field(attribute(element, "fldCharType"))
            elif not all(self._field_depth):
                continue
            elif name == "t":
                text += element.text or ""
            elif name == "tab":
                text += " "
            elif name in {"br", "cr"}:
                text += BREAK if attribute(element, "type") in {None, "textWrapping"} else ""
            elif name == "noBreakHyphen":
                text += "-"
            elif name == "sym":
                text += _symbol(element)
            elif name in {"drawing", "pict", "object", "AlternateContent"}:
                self._look_at_drawing(element, origin)
        return text

    def _follow_field(self, kind: str | None) -> None:
        if kind == "begin":
            self._field_depth.append(False)
        elif self._field_depth and kind == "separate":
            self._field_depth[-1] = True
        elif self._field_depth and kind == "end":
            self._field_depth.pop()

    def _look_at_drawing(self, element: "etree._Element", origin: Origin) -> None:
        """Text boxes are set aside; large pictures and embedded objects are questions."""
        if local(element) == "AlternateContent":
            element = choice(element)
        boxes = [each for each in element.iter() if local(each) == "txbxContent"]
        for box in boxes:
            words = " ".join(
                paragraph
                for each in box.iter()
                if local(each) == "p"
                and (paragraph := "".join(t.text or "" for t in each.iter() if local(t) == "t"))
            )
            if words.strip():
                self.set_aside.append(SetAside("text box", words.strip(), origin))
        if boxes:
            return
        if local(element) == "object" or any(local(e) == "OLEObject" for e in element.iter()):
            self._ask("embedded_object", "an embedded object", origin)
            return
        extent = next((e for e in element.iter() if local(e) in {"extent", "ext"}), None)
        across, down = attribute(extent, "cx"), attribute(extent, "cy")
        size = _whole(across) * _whole(down)
        if size >= LARGE_PICTURE * PAGE:
            self._ask("image", f"a picture, {size / PAGE:.0%} of a page", origin)
        else:
            self.set_aside.append(SetAside("small image", f"{size / PAGE:.0%} of a page", origin))

    def _ask(self, kind: str, found: str, origin: Origin) -> None:
        expected = "what it says, where it holds words of the notice"
        self.questions.append(IntakeQuestion(kind, found, expected, None, origin))


def _runs(element: "etree._Element") -> Iterator["etree._Element"]:
    """The runs of a paragraph in order, out of links, content controls and formulas."""
    for each in element:
        if local(each) == "r":
            yield each
            yield from _runs_in_ruby(each)
        elif local(each) in WRAPPERS:
            yield from _runs(each)
        elif local(each) == "AlternateContent":
            yield from _runs(choice(each))


def choice(alternatives: "etree._Element") -> "etree._Element":
    """The first of several that say the same, for new programs and for old ones."""
    first = child(alternatives, "Choice")
    return first if first is not None else alternatives


def _runs_in_ruby(run: "etree._Element") -> Iterator["etree._Element"]:
    """The characters that readings stand above; the readings are no part of the text."""
    for ruby in run:
        if local(ruby) == "ruby":
            yield from _runs(ruby)


def _is_on(switch: "etree._Element | None") -> bool:
    return switch is not None and attribute(switch, "val") not in {"0", "false", "off"}


def _is_shaded(properties: "etree._Element | None") -> bool:
    """Whether a run, its paragraph or its cell has a background."""
    element, places = properties, [properties]
    while element is not None and local(element) != "tc":
        element = element.getparent()
        places += [child(element, "pPr"), child(element, "tcPr")]
    fills = [attribute(child(place, "shd"), "fill") for place in places]
    return any(fill and fill.lower() not in {"auto", "ffffff"} for fill in fills)


def _symbol(element: "etree._Element") -> str:
    code = attribute(element, "char") or ""
    return chr(int(code, 16)) if re.fullmatch("[0-9A-Fa-f]{4}", code) else "\ufffd"


def _whole(value: str | None) -> int:
    return int(value) if value is not None and value.isdecimal() and len(value) < 12 else 0
