"""LibreOffice, where it is installed, as the last resort: it reads what nobody else can, slowly.

It runs with a profile of its own that is thrown away, macros off, links never updated, and a limit on time; what it writes is read
as any other workbook.
"""
from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_ITEM = '<item oor:path="{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_SETTINGS = "\n".join((
    '<?xml version="1.0" encoding="UTF-8"?>', '<oor:items xmlns:oor="http://openoffice.org/2001/registry">',
    _ITEM.format(_SECURITY, "DisableMacrosExecution", "true"), _ITEM.format(_SECURITY, "MacroSecurityLevel", 3),
    _ITEM.format(_SECURITY, "BlockUntrustedRefererLinks", "true"), _ITEM.format("/org.openoffice.Office.Calc/Content/Update", "Link", 2),
    "</oor:items>"))
_PLACES = ("/Applications/LibreOffice.app/Contents/MacOS/soffice", r"C:\\Program Files\\LibreOffice\\program\\soffice.exe",
           r"C:\\Program Files (x86)\\LibreOffice\\program\\soffice.exe")


def program() -> str | None:
    """Where LibreOffice is, None where it is not."""
    return shutil.which("soffice") or shutil.which("libreoffice") or next((place for place in _PLACES if os.path.isfile(place)), None)


_FILTERS = {".xls": "MS Excel 97", ".xlsb": "Calc MS Excel 2007 Binary"}  # without it, what it cannot read is read as a text


def convert(data: bytes, suffix: str, seconds: float) -> bytes | None:
    """The .xls or .xlsb as an .xlsx, None where LibreOffice is absent, too slow or cannot read it either."""
    soffice = program()
    if not soffice:
        return None
    with tempfile.TemporaryDirectory(prefix="xltool-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        (work / "profile" / "user").mkdir(parents=True)
        (work / "profile" / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        given = work / f"given{suffix}"
        given.write_bytes(data)
        command = [soffice, f"-env:UserInstallation={(work / 'profile').as_uri()}", "--headless", "--norestore", f"--infilter={_FILTERS[suffix]}",
                   "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(work / "out"), str(given)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            _end(process)
        made = work / "out" / "given.xlsx"
        return made.read_bytes() if made.is_file() else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop what still runs of LibreOffice: the program is started by others that only wait for it."""
    if process.poll() is not None:
        return
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    process.wait()
