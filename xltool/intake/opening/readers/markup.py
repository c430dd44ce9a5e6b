"""XML read tag by tag without ever resolving an entity: for documents that are one large table."""
from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from ...grid import Source
from ..refusal import Refusal, damaged, unsafe


class _Entity(Exception):
    pass


def parse(xml: bytes, source: Source, start: Callable[[str, dict[str, str]], None], end: Callable[[str], None],
          text: Callable[[str], None]) -> None:
    """Call back for every tag (by local name, attributes too) and text. What is broken is reported, and read up to there."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, found: start(_local(name), {_local(key): value for key, value in found.items()})
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = text

    def refuse(*_: object) -> None:
        raise _Entity
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(xml, True)
    except _Entity:
        raise Refusal(unsafe("文件里定义了实体（DOCTYPE）")) from None
    except expat.ExpatError as error:
        source.problems.append(damaged(f"第{error.lineno}行第{error.offset + 1}个字节", expected="XML有错，后面的内容没有读"))


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
