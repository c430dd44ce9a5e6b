"""Other formats turned into .xlsx by LibreOffice, where it is installed: in a profile of its own, macros off, nothing fetched."""
from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_SETTING = '<item oor:path="/org.openoffice.Office.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_SETTINGS = (
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"), ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"), ("Calc/Content/Update", "Link", "2"))
_PROFILE = ('<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
            + "".join(_SETTING.format(*setting) for setting in _SETTINGS) + "</oor:items>\n")
_FILTER = "xlsx:Calc MS Excel 2007 XML"
_START, _EACH = 60, 20  # seconds


def program() -> str:
    """LibreOffice's path, empty where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice") or ""


def to_xlsx(files: Mapping[str, tuple[str, bytes]]) -> dict[str, bytes]:
    """The workbooks (key → suffix and bytes) as .xlsx; one that could not be converted is not in the answer."""
    if not files or not program():
        return {}
    with tempfile.TemporaryDirectory(prefix="xltool-") as folder:
        office = _Office(Path(folder))
        names = {key: f"{number}{suffix}" for number, (key, (suffix, _)) in enumerate(files.items(), 1)}
        for key, name in names.items():
            (office.inbox / name).write_bytes(files[key][1])
        office.convert(list(names.values()))
        for name in names.values():  # one bad file may have taken the others with it
            if len(names) > 1 and not office.result(name).is_file():
                office.convert([name])
        return {key: office.result(name).read_bytes() for key, name in names.items() if office.result(name).is_file()}


class _Office:
    def __init__(self, folder: Path) -> None:
        self.inbox, self._out, self._profile = folder / "in", folder / "out", folder / "profile"
        for path in (self.inbox, self._out, self._profile / "user"):
            path.mkdir(parents=True)
        (self._profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")

    def result(self, name: str) -> Path:
        return self._out / f"{Path(name).stem}.xlsx"

    def convert(self, names: list[str]) -> None:
        """Run to the end or to the time limit. The exit code says nothing; a result is there or not."""
        command = [program(), f"-env:UserInstallation={self._profile.as_uri()}", "--headless", "--norestore", "--convert-to", _FILTER,
                   "--outdir", str(self._out), *(str(self.inbox / name) for name in names)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                process.wait(_START + _EACH * len(names))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    _end(process)


def _end(process: subprocess.Popen) -> None:
    # It starts children; all of them go when time is up.
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
