"""LibreOffice, found and run in one place: it reads old formats, turns them into .xlsx and prints PDFs.

An `Office` is a worker with a profile of its own that is thrown away: two processes on one profile lose files without a word. Files come
from strangers, so macros stay off, links are never updated and the network is out of reach. Neither its exit code nor what it prints
is believed: a result is there and whole, or the file was not converted.
"""
from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType

from ..rules.problems import Problem, ProblemsError, Where

SETTING = "XLTOOL_SOFFICE"
SECONDS = 120.0  # the longest wait for the next result; forms take 0.1 s, a table of thousands of rows some seconds
_POLL, _ASKED = 0.05, 20.0  # between two looks; the longest wait for its version
_PREFIX, _OLD = "xltool-office-", 24 * 3600  # temporary folders, and how long after it began its last run a worker was surely killed
_CALC, _WRITER = ("calc", "表格（Calc）"), ("writer", "文字（Writer）")
COMPONENTS = {".xlsx": _CALC, ".docx": _WRITER}
_ENDS = {"pdf": lambda data: data.rstrip().endswith(b"%%EOF"), "xlsx": lambda data: data[-22:-18] == b"PK\5\6"}

_PROXY = {f"ooInet{scheme}Proxy{part}": value for scheme in ("HTTP", "HTTPS") for part, value in (("Name", "127.0.0.1"), ("Port", "9"))}
_SETTINGS = {
    "Office.Common/Security/Scripting": {"DisableMacrosExecution": "true", "MacroSecurityLevel": "3", "BlockUntrustedRefererLinks": "true"},
    "Office.Calc/Content/Update": {"Link": "2"}, "Office.Writer/Content/Update": {"Link": "2"},  # never
    "Office.Common/Filter/PDF/Export": {"ExportBookmarks": "true", "UseTaggedPDF": "false"},
    "Inet/Settings": {"ooInetProxyType": "2", "ooInetNoProxy": "", **_PROXY},  # nobody listens there
}
_ITEM = '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_PROFILE = ('<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n'
            + "\n".join(_ITEM.format(path, *each) for path, values in _SETTINGS.items() for each in values.items()) + "\n</oor:items>\n")

# --- where it is -------------------------------------------------------------------------------------------------------------


def program() -> Path | None:
    """Where LibreOffice's soffice is, None where it is not. The environment's XLTOOL_SOFFICE comes first, then PATH, then the usual places."""
    if named := os.environ.get(SETTING):
        return Path(named) if shutil.which(named) else None
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return Path(found) if found else next((place for place in _places() if place.is_file()), None)


def _places() -> Iterator[Path]:
    yield Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
    for name in ("ProgramW6432", "ProgramFiles", "ProgramFiles(x86)"):
        if folder := os.environ.get(name):
            yield Path(folder, "LibreOffice", "program", "soffice.com")  # unlike soffice.exe, it waits
    yield from sorted(Path("/opt").glob("libreoffice*/program/soffice"), reverse=True)


_INSTALL = ("Windows、macOS：从 libreoffice.org 下载安装；Debian、Ubuntu、统信、麒麟：apt install libreoffice-calc libreoffice-writer "
            f"fonts-noto-cjk；已经装在别处的，把 soffice 的完整路径写进环境变量 {SETTING}")


def require(*suffixes: str) -> Path:
    """The program for files of these kinds (.xlsx, .docx); raises ProblemsError that says what is missing and how to install it."""
    found = program()
    if found is None:
        named = os.environ.get(SETTING)
        text = f"{SETTING} 写的 {named} 不在，或不能运行" if named else "没有 LibreOffice"
        raise ProblemsError([Problem("office.missing", text, "要用 LibreOffice 转换文件", _INSTALL)])
    lacking = dict(COMPONENTS[suffix] for suffix in suffixes if not _has(found, COMPONENTS[suffix][0]))
    if lacking:
        packages = " ".join(f"libreoffice-{component}" for component in lacking)
        fix = f"Debian、Ubuntu、统信、麒麟：apt install {packages}；Windows、macOS：重新安装 LibreOffice，选“全部”"
        text = f"LibreOffice 缺 {'、'.join(lacking.values())}"
        raise ProblemsError([Problem("office.missing", text, "装得不全，转不了这种文件", fix, Where(str(found)))])
    return found


@cache
def _has(soffice: Path, component: str) -> bool:
    """Whether a part of LibreOffice is installed; an installation that looks unlike any known is taken to be whole."""
    folder = soffice.resolve().parent.parent
    registries = (folder / "share" / "registry", folder / "Resources" / "registry")
    return not any((each / "main.xcd").is_file() and not (each / f"{component}.xcd").is_file() for each in registries)


def version() -> str:
    """What LibreOffice calls itself, with its number and build; empty where there is none that says so."""
    soffice = program()
    if soffice is None:
        return ""
    try:
        told = subprocess.run([str(soffice), "--version"], env=clean_environment(os.environ), stdin=subprocess.DEVNULL, capture_output=True,
                              encoding="utf-8", errors="replace", timeout=_ASKED, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


# It takes its Python from the first python3 on PATH and from these; one of a virtual environment breaks it.
_PYTHON_SETTINGS = re.compile(r"PYTHON|PYENV|VIRTUAL_ENV|CONDA|UV_")


def clean_environment(environment: Mapping[str, str], windows: bool = os.name == "nt") -> dict[str, str]:
    """The environment without what leads LibreOffice to another Python than its own."""
    kept = {name: value for name, value in environment.items() if not _PYTHON_SETTINGS.match(name)}
    if not windows:
        kept["PATH"] = os.pathsep.join(folder for folder in kept.get("PATH", "").split(os.pathsep) if not strange_python(Path(folder)))
    return kept


def strange_python(folder: Path) -> bool:
    """Whether a folder of PATH has a Python that is not the system's."""
    return (folder / "python3").exists() and folder not in (Path("/usr/bin"), Path("/bin"), Path("/usr/local/bin"))


# --- running it --------------------------------------------------------------------------------------------------------------

class Office:
    """A worker with a profile of its own, for one thread at a time: a context manager. Any thread may `stop` it, for good."""

    def __init__(self, soffice: Path) -> None:
        self._soffice, self._runs, self._works = soffice, 0, False
        self._lock, self._stopped, self._process = threading.Lock(), False, None
        for left_behind in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            _remove_if_old(left_behind)
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        (self._folder / "profile" / "user").mkdir(parents=True)
        (self._folder / "profile" / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")

    def __enter__(self) -> Office:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def stop(self) -> None:
        """End what runs, and start nothing any more."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                _end(self._process)

    def convert(self, files: Sequence[tuple[str, bytes]], target: str, seconds: float = SECONDS,
                options: Sequence[str] = ()) -> list[bytes | Problem]:
        """Each file (name with suffix, bytes) as `target` ("pdf", "xlsx:Calc MS Excel 2007 XML"), or the problem with it, in order.

        All go into one run. Where one stops it (no next result for `seconds`) or is lost, the first without a result is tried alone and
        the others go on without it. After a second file that fails alone, a worker that has made nothing yet tries a plain text, and gives up
        where even that fails.
        """
        results: list[bytes | Problem] = [Problem("office.failed", Path(name).name, "LibreOffice 没有转成，也没有转成过别的文件",
                                                  "请在 LibreOffice 里打开它试试；都不行，就重新安装 LibreOffice", Where(name)) for name, _ in files]
        waiting, alone = deque([list(range(len(files)))] if files else []), 0
        while waiting and (self._works or alone < 2):
            numbers = waiting.popleft()
            made, in_time = self._run({number: files[number] for number in numbers}, target, seconds, options)
            self._works |= bool(made)
            for number, data in made.items():
                results[number] = data
            lost = [number for number in numbers if number not in made]
            if lost and len(numbers) == 1:
                name, alone = files[lost[0]][0], alone + 1
                expected = "LibreOffice 没有转成" if in_time else f"LibreOffice 转了 {seconds:.0f} 秒还没有转完，停止了"
                results[lost[0]] = Problem("office.failed", Path(name).name, expected, "请在 LibreOffice 里打开它，看看有什么毛病", Where(name))
                if alone == 2 and not self._works:
                    plain = ("1.txt" if Path(name).suffix.lower() == ".docx" else "1.csv", b"1\n")
                    self._works = bool(self._run({0: plain}, target, seconds, ())[0])
            else:
                waiting.extend(part for part in (lost[:1], lost[1:]) if part)
        return results

    def _run(self, files: Mapping[int, tuple[str, bytes]], target: str, seconds: float, options: Sequence[str]) -> tuple[dict[int, bytes], bool]:
        """What one run has made of the files, and whether it came to an end by itself."""
        self._runs += 1
        folder, ending = self._folder / f"run{self._runs}", target.partition(":")[0]
        given, out = folder / "in", folder / "out"
        for each in (given, out):
            each.mkdir(parents=True)
        paths = [given / f"{number}{Path(name).suffix}" for number, (name, _) in files.items()]
        for path, (_, data) in zip(paths, files.values()):
            path.write_bytes(data)
        command = [str(self._soffice), f"-env:UserInstallation={(self._folder / 'profile').as_uri()}", "--headless", "--norestore", *options,
                   "--convert-to", target, "--outdir", str(out), *map(str, paths)]
        in_time = self._wait(command, lambda: len(os.listdir(out)), seconds)
        made = {number: data for number in files if (path := out / f"{number}.{ending}").is_file() and _ENDS[ending](data := path.read_bytes())}
        shutil.rmtree(folder, ignore_errors=True)
        return made, in_time

    def _wait(self, command: list[str], results: Callable[[], int], seconds: float) -> bool:
        """Run to the end, or until there has been no further result for so many seconds; soffice starts children, and all of them go."""
        with self._lock:
            if self._stopped:
                raise InterruptedError("LibreOffice was stopped")
            self._process = process = subprocess.Popen(command, env=clean_environment(os.environ), stdin=subprocess.DEVNULL,
                                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        seen, since = 0, time.monotonic()
        try:
            while time.monotonic() - since < seconds:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_POLL)
                    return True
                if (count := results()) > seen:
                    seen, since = count, time.monotonic()
            return False
        finally:
            with self._lock:
                _end(process)
                self._process = None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop what still runs of it: the program is started by others that only wait for it."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    process.wait()


def _remove_if_old(folder: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - folder.stat().st_mtime > _OLD:
            shutil.rmtree(folder, ignore_errors=True)


def to_xlsx(files: Mapping[str, tuple[str, bytes]], seconds: float = SECONDS, options: Sequence[str] = ()) -> dict[str, bytes]:
    """The workbooks (key → suffix and bytes) as .xlsx; one that could not be converted is not in the answer, none without LibreOffice."""
    soffice = program()
    if soffice is None or not files:
        return {}
    with Office(soffice) as worker:
        made = worker.convert([(f"{key}{suffix}", data) for key, (suffix, data) in files.items()], "xlsx:Calc MS Excel 2007 XML", seconds, options)
    return {key: data for key, data in zip(files, made) if isinstance(data, bytes)}
