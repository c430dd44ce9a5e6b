"""A small XML tree that writes back what it read: prefixes, attribute order and unknown elements survive.

ElementTree renames prefixes, and Office then finds `mc:Ignorable` naming a prefix that is gone. Documents with a
DTD are refused, so there are no entities to expand and nothing outside the file to fetch. Comments and processing
instructions are dropped.
"""

from xml.parsers import expat

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)


class MarkupError(ValueError):
    """The bytes are not XML this package accepts."""


class Element:
    """One XML element; `tag` and attribute names keep their prefix, `children` are elements and strings."""

    __slots__ = ("attributes", "children", "tag")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None, children: list | None = None):
        self.tag = tag
        self.attributes = {} if attributes is None else attributes
        self.children = [] if children is None else children

    @property
    def name(self) -> str:
        """The tag without its prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def text(self) -> str:
        """The text directly inside this element."""
        return "".join(child for child in self.children if isinstance(child, str))

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    def elements(self) -> list["Element"]:
        return [child for child in self.children if isinstance(child, Element)]

    def child(self, name: str) -> "Element | None":
        """The first child element of that local name."""
        return next((child for child in self.elements() if child.name == name), None)

    def every(self, name: str) -> list["Element"]:
        """All elements of that local name below this one, in document order."""
        found = []
        for child in self.elements():
            if child.name == name:
                found.append(child)
            found += child.every(name)
        return found

    def copy(self) -> "Element":
        return Element(
            self.tag,
            dict(self.attributes),
            [child.copy() if isinstance(child, Element) else child for child in self.children],
        )

    def start(self) -> str:
        """The start tag, left open for one more attribute or its bracket."""
        return f"<{self.tag}" + "".join(f' {k}="{v.translate(_ATTRIBUTE)}"' for k, v in self.attributes.items())

    def xml(self) -> str:
        """The element as XML text."""
        if not self.children:
            return self.start() + "/>"
        inner = "".join(c.translate(_TEXT) if isinstance(c, str) else c.xml() for c in self.children)
        return f"{self.start()}>{inner}</{self.tag}>"


def escape(text: str) -> str:
    """Text ready to stand between tags or in an attribute."""
    return text.translate(_ATTRIBUTE)


def parse(data: bytes) -> Element:
    """The root element; raises MarkupError for malformed XML and for any DTD."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = False
    holder = Element("")
    stack = [holder]

    def start(tag, attributes):
        element = Element(tag, attributes)
        stack[-1].children.append(element)
        stack.append(element)
        if len(stack) > 200:
            raise MarkupError("标签套得太深")

    def end(tag):
        stack.pop()

    def text(data):
        stack[-1].children.append(data)

    def refuse(*_):
        raise MarkupError("不能有 DTD")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise broken(error) from None
    return holder.elements()[0]


def broken(error: expat.ExpatError) -> MarkupError:
    """Where XML cannot be read any further."""
    return MarkupError(f"第 {error.lineno} 行第 {error.offset + 1} 个字符起看不懂")


def document(root: Element) -> bytes:
    """A whole part: declaration and root."""
    return (DECLARATION + root.xml()).encode()


DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def without_main_prefix(root: Element) -> Element:
    """The tree with the root's own prefix turned into the default namespace (`<x:row>` becomes `<row>`)."""
    prefix = root.tag.rpartition(":")[0]
    if not prefix:
        return root
    root.attributes = {("xmlns" if k == f"xmlns:{prefix}" else k): v for k, v in root.attributes.items()}
    pending = [root]
    while pending:
        element = pending.pop()
        if element.tag.startswith(prefix + ":"):
            element.tag = element.name
        pending += element.elements()
    return root
