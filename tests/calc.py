"""A running LibreOffice Calc with the add-in: documents opened, cells read and changed, as somebody at the keyboard would.

LibreOffice finds its own Python through PATH. One of a virtual environment there, or PYTHONHOME, breaks it, so it gets a clean
environment; and the module `uno` belongs to the system's Python, of the version that it was compiled for.
"""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")
FILTERS = {".ods": "calc8", ".xlsx": "Calc MS Excel 2007 XML", ".pdf": "calc_pdf_Export"}
ERRORS = {32767: "#N/A", 519: "#VALUE!", 524: "#REF!", 525: "#NAME?", 532: "#DIV/0!", 503: "#NUM!"}
_OURS = ("PYTHON", "PYENV", "VIRTUAL_ENV", "CONDA")
_PATH = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin"))


def clean_environment(**more: str) -> dict[str, str]:
    """The environment that soffice and unopkg are started in."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith(_OURS)}, "PATH": _PATH, **more}


def missing() -> str:
    """Why a running LibreOffice cannot be driven from here, "" where it can."""
    if not shutil.which("soffice", path=_PATH) or not shutil.which("unopkg", path=_PATH):
        return "no soffice: install libreoffice-calc"
    try:
        _uno()
    except ImportError as error:
        return f"no module uno for Python {sys.version_info[0]}.{sys.version_info[1]}: install python3-uno ({error})"
    return ""


def _uno():
    """The module of the system's Python, without leaving the system's packages on our path."""
    if "uno" not in sys.modules:
        found = subprocess.run(["python3", "-c", "import uno; print(uno.__file__)"], capture_output=True, text=True, env=clean_environment())
        folder = str(Path(found.stdout.strip()).parent) if found.returncode == 0 else ""
        sys.path.append(folder)
        try:
            import_module("uno")
            import_module("unohelper")
        finally:
            sys.path.remove(folder)
    return sys.modules["uno"]


def _settings(**values: object) -> tuple:
    uno = _uno()
    made = []
    for name, value in values.items():
        made.append(uno.createUnoStruct("com.sun.star.beans.PropertyValue"))
        made[-1].Name, made[-1].Value = name, value
    return tuple(made)


def install(oxt: Path, folder: Path) -> list[str]:
    """Install an extension for everybody, with unopkg, in a shared layer of our own; what soffice is started with to see it.

    unopkg refuses root for a user's own extensions, and the true shared layer belongs to the system.
    """
    (folder / "shared").mkdir(parents=True)
    options = [f"-env:UNO_SHARED_PACKAGES_CACHE={(folder / 'shared').as_uri()}/cache",
               f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    done = subprocess.run(["unopkg", "add", "--shared", "--suppress-license", *options, str(oxt)], capture_output=True, text=True,
                          env=clean_environment(), timeout=120)
    if done.returncode:
        raise RuntimeError(f"unopkg: {done.stdout}{done.stderr}")
    return options


class Calc:
    """A LibreOffice without a window that is told what to do; `options` are its -env: settings."""

    def __init__(self, options: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        uno, pipe, self.options = _uno(), "xltool" + uuid.uuid4().hex, list(options)
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            ["soffice", *options, "--headless", "--norestore", "--nologo", "--nodefault", f"--accept=pipe,name={pipe};urp;"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean_environment(**environment or {}))
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        nobody = uno.getClass("com.sun.star.connection.NoConnectException")
        while True:
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except nobody:
                if time.perf_counter() - begin > 60:
                    self.process.kill()
                    raise RuntimeError("soffice did not start in 60 s") from None
                time.sleep(0.02)
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.start_seconds = time.perf_counter() - begin

    def service(self, name: str):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def open(self, path: Path | None = None) -> Document:
        """A file, or a new empty document."""
        address = path.as_uri() if path else "private:factory/scalc"
        document = self.desktop.loadComponentFromURL(address, "_blank", 0, _settings(Hidden=True))
        if document is None:
            raise RuntimeError(f"LibreOffice does not open {path}")
        return Document(document)

    def at_the_screen(self, action: Callable[[], Result]) -> Result:
        """What an action gives, run in soffice's main thread, as keys and clicks are.

        What is asked over the pipe runs in another thread of soffice, where every call of Python is half as quick again.
        """
        import unohelper
        from com.sun.star.awt import XCallback

        class Callback(unohelper.Base, XCallback):
            def notify(self, _: object) -> None:
                try:
                    done.set_result(action())
                except BaseException as error:
                    done.set_exception(error)

        done: Future[Result] = Future()
        self.service("com.sun.star.awt.AsyncCallback").addCallback(Callback(), None)
        return done.result(600)

    def wizard(self) -> dict[str, dict[str, object]]:
        """What the function wizard knows, by name."""
        descriptions = self.service("com.sun.star.sheet.FunctionDescriptions")
        found = ({each.Name: each.Value for each in descriptions.getByIndex(index)} for index in range(descriptions.Count))
        return {each["Name"]: each for each in found}

    def cpu_seconds(self) -> float:
        """The processor time of soffice so far: on a busy machine the clock says little."""
        found = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in _family(self.process.pid)]
        return sum(int(fields[11]) + int(fields[12]) for fields in found) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        try:
            self.desktop.terminate()
        except Exception:
            self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _family(pid: int) -> Iterator[int]:
    """A process and its children: soffice is a script that starts soffice.bin."""
    yield pid
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, listing.read_text().split()):
            yield from _family(child)


class Document:
    """An open spreadsheet; cells are named as `A1`, ranges as `A1:B2`, both of the first sheet unless one is named."""

    def __init__(self, document) -> None:
        self.document = document

    def range(self, place: str, sheet: str = ""):
        sheets = self.document.Sheets
        return (sheets.getByName(sheet) if sheet else sheets.getByIndex(0)).getCellRangeByName(place)

    def put(self, place: str, value: object, sheet: str = "") -> None:
        """A value, a formula as it stands in a file (=XLTOOL.F(A1;2)), or for a range an array formula."""
        cells = self.range(place, sheet)
        if ":" in place:
            cells.setArrayFormula(value)
        elif isinstance(value, str):
            cells.setFormula(value if value.startswith("=") else "'" + value)
        else:
            cells.setValue(value)

    def rows(self, place: str, sheet: str = "") -> list[list[object]]:
        """The values of a range, errors by their name."""
        cells = self.range(place, sheet)
        return [[_error(cells.getCellByPosition(column, row)) if value is None else value for column, value in enumerate(values)]
                for row, values in enumerate(cells.getDataArray())]

    def values(self, place: str, sheet: str = "") -> list[list[object]]:
        """The values of a range, errors as None: asking for the errors of thousands of cells takes seconds."""
        return list(map(list, self.range(place, sheet).getDataArray()))

    def value(self, place: str, sheet: str = "") -> object:
        return self.rows(place, sheet)[0][0]

    def name(self, name: str, content: str) -> None:
        """Define a name, in the place of an older one."""
        names = self.document.NamedRanges
        if names.hasByName(name):
            names.removeByName(name)
        names.addNewByName(name, content, self.range("A1").getCellAddress(), 0)

    def recalculate(self) -> None:
        """As with Ctrl+Shift+F9."""
        self.document.calculateAll()

    def save(self, path: Path) -> None:
        self.document.storeToURL(path.as_uri(), _settings(FilterName=FILTERS[path.suffix]))

    def close(self) -> None:
        self.document.close(True)

    def __enter__(self) -> Document:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _error(cell) -> str:
    code = cell.getError()
    return ERRORS.get(code, f"Err:{code}") if code else ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in a .fods, `XLTOOL.F([.A1];2)`, over so many rows and columns where it gives a block."""

    text: str
    rows: int = 0
    columns: int = 0


_SPACES = " ".join(f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
                   for prefix, name in (("office", "office"), ("table", "table"), ("text", "text")))


def write_fods(path: Path, sheets: Mapping[str, Iterable[Sequence[object]]]) -> Path:
    """A spreadsheet without results. The only quick way to many formulas: setting them one by one, or many at once, is quadratic."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f'<?xml version="1.0" encoding="UTF-8"?><office:document {_SPACES} xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" '
                   'office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>')
        for name, rows in sheets.items():
            file.write(f'<table:table table:name="{escape(name)}">')
            for row in rows:
                file.write(f"<table:table-row>{''.join(map(_cell, row)) or _cell(None)}</table:table-row>")
            file.write("</table:table>")
        file.write("</office:spreadsheet></office:body></office:document>")
    return path


def _cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, Formula):
        span = f' table:number-matrix-rows-spanned="{value.rows}" table:number-matrix-columns-spanned="{value.columns}"' if value.rows else ""
        return f'<table:table-cell table:formula="of:={escape(value.text)}"{span}/>'
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
