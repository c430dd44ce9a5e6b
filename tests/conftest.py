"""What several tests share: a real LibreOffice with its own profile, a real browser, and the bundled editions."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest

from xltool.guideline.bundle import bundled
from xltool.guideline.read import load
from xltool.rules.model import Edition

if TYPE_CHECKING:
    from calc import Calc
    from playwright.sync_api import Browser

hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("steady")

_RECALCULATE_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
<prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
_FILTERS = {"xlsx": "xlsx:Calc MS Excel 2007 XML", "csv": "csv:Text - txt - csv (StarCalc):44,34,76,1"}


class Soffice:
    """LibreOffice without a window. One profile per test worker: two processes on one profile lose jobs silently."""

    def __init__(self, program: str, profile: Path) -> None:
        self.program, self.profile = program, profile
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_RECALCULATE_ALWAYS, encoding="utf-8")

    def run(self, *arguments: str, timeout: float = 120) -> None:
        """Run to the end; soffice starts children, so all of them go when time is up."""
        command = [self.program, f"-env:UserInstallation={self.profile.as_uri()}", "--headless", "--norestore", *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as process:
            try:
                process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                pytest.fail(f"soffice took longer than {timeout} s: {' '.join(arguments)}")

    def convert(self, files: Sequence[Path], out: Path, to: str = "xlsx", timeout: float = 120) -> list[Path]:
        """The files recalculated and converted, in one run; `out` must not hold them yet. The exit code says nothing."""
        results = [out / f"{file.stem}.{to}" for file in files]
        assert len(set(results)) == len(files), "two files of one name"
        assert not any(result.exists() for result in results), "an old result would pass for a new one"
        self.run("--convert-to", _FILTERS.get(to, to), "--outdir", str(out), *map(str, files), timeout=timeout)
        lost = [result.name for result in results if not result.is_file()]
        assert not lost, f"soffice did not write {lost}"
        return results


def _program(name: str, package: str) -> str:
    """The program's path; without it the test is skipped, or fails where hosts are required."""
    return shutil.which(name) or _absent(f"no {name}: install {package}")


def _absent(reason: str) -> NoReturn:
    if os.environ.get("XLTOOL_REQUIRE_HOSTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def soffice(tmp_path_factory: pytest.TempPathFactory) -> Soffice:
    return Soffice(_program("soffice", "libreoffice-calc"), tmp_path_factory.mktemp("soffice") / "profile")


@pytest.fixture(scope="session")
def pdftotext() -> Callable[..., str]:
    """What a PDF file shows, as pdftotext prints it with these options."""
    program = _program("pdftotext", "poppler-utils")

    def text(pdf: Path, *options: str) -> str:
        return subprocess.run([program, *options, str(pdf), "-"], check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return text


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser without a window."""
    program = _program("chromium", "chromium")
    from playwright.sync_api import sync_playwright
    with sync_playwright() as driver:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = driver.chromium.launch(executable_path=program, args=quiet)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def edition_2026() -> Edition:
    return load(bundled("workbooks") / "guideline-2026.xlsx")


@pytest.fixture(scope="session")
def edition_2023() -> Edition:
    return load(bundled("workbooks") / "guideline-2023.xlsx")


@pytest.fixture(scope="session")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """A running LibreOffice with the add-in, installed by LibreOffice's own installer."""
    from calc import Calc, install, missing

    from xltool.hosts.libreoffice.build import build
    if reason := missing():
        _absent(reason)
    folder = tmp_path_factory.mktemp("calc")
    (folder / "xltool.oxt").write_bytes(build())
    office = Calc(install(folder / "xltool.oxt", folder))
    yield office
    office.close()
