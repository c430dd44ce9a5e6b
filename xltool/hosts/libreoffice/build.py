"""The LibreOffice extension (.oxt): the component, the rules it needs as source, and every bundled edition as data.

The rules lie in a folder of their own and are imported under a private name, so an xltool that the user has installed shadows nothing
and is not shadowed. Which modules are needed is read from their imports; one that needs more than the standard library stops the build.
"""
from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ... import __version__
from ...guideline.bundle import edition, edition_ids
from ...rules.data import edition_data
from ..definition import FUNCTIONS
from . import registry
from .typelib import ANY, DOCUMENT, Method, library

_PACKAGE = Path(__file__).resolve().parents[2]
_ENTRY = Path("hosts/libreoffice/adapter.py")
_EPOCH = (2026, 1, 1, 0, 0, 0)  # the same contents give the same bytes


def build() -> bytes:
    """The .oxt file."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, contents in parts().items():
            entry = ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, contents, ZIP_DEFLATED)
    return stream.getvalue()


def parts() -> dict[str, bytes]:
    """The contents of the .oxt by name."""
    texts = {"META-INF/manifest.xml": registry.manifest(), "description.xml": registry.description(__version__),
             registry.TEXTS: registry.texts(), registry.COMPONENTS: registry.components(), "editions/editions.json": _json(edition_ids()),
             **{f"editions/{name}.json": _json(edition_data(edition(name))) for name in edition_ids()}}
    sources = {f"core/{module.as_posix()}": (_PACKAGE / module).read_bytes() for module in modules(_ENTRY)}
    packages = {f"{folder.as_posix()}/__init__.py": b"" for name in sources for folder in Path(name).parents if folder.name}
    return {**{name: text.encode() for name, text in texts.items()}, registry.TYPES: types(),
            registry.COMPONENT: Path(__file__).with_name("addin.py").read_bytes(), **dict(sorted((packages | sources).items()))}


def types() -> bytes:
    """The type library. LibreOffice puts the document first, and asks nobody for it; everything else may be any cell or range."""
    methods = [Method(function.name, [("document", DOCUMENT), *((parameter.name, ANY) for parameter in function.parameters)])
               for function in FUNCTIONS]
    return library(registry.MODULE, registry.INTERFACE, methods)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def modules(entry: Path) -> list[Path]:
    """A module and all modules of xltool that it comes to import, as paths below the package.

    Raises ValueError where one cannot be loaded without more than the standard library.
    """
    found: dict[Path, None] = {}
    waiting = [entry]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found[module] = None
            waiting += _imports(module)
    return sorted(found)


def _imports(module: Path) -> Iterator[Path]:
    tree = ast.parse((_PACKAGE / module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = Path(*module.parts[:-node.level])
            own = folder.joinpath(*(node.module or "").split("."))
            named = [own.with_suffix(".py")] if node.module else []
            yield from (each for each in (*named, *(own / f"{alias.name}.py" for alias in node.names)) if (_PACKAGE / each).is_file())
    for node in tree.body:  # what a function imports may be missing as long as it is not called
        names = [node.module] if isinstance(node, ast.ImportFrom) and not node.level else (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
        if strange := [name for name in names if name.split(".")[0] not in sys.stdlib_module_names]:
            raise ValueError(f"{module} needs {', '.join(strange)}: LibreOffice has the standard library only")
