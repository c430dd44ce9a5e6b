"""A soffice that does what the files it is given say, as the real one does now and then: loses them, dies or hangs, and exits with 0.

It notes its environment, its processes and the files of each run in its folder.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path

_PROGRAM = '''#!{python}
import json, os, subprocess, sys
from pathlib import Path
arguments = sys.argv[1:]
target, out = arguments[arguments.index("--convert-to") + 1].partition(":")[0], Path(arguments[arguments.index("--outdir") + 1])
files = [Path(each) for each in arguments[arguments.index("--outdir") + 2:]]
note = {{"pids": [os.getpid()], "arguments": arguments, "environment": dict(os.environ)}}
note["files"] = [path.read_bytes().decode("latin-1") for path in files]
def write_note():
    (Path(__file__).parent / f"run-{{os.getpid()}}.json").write_text(json.dumps(note))
write_note()
for path in files:
    data = path.read_bytes()
    if b"crash" in data:
        sys.exit(0)
    if b"half" in data:
        (out / f"{{path.stem}}.{{target}}").write_bytes(b"%PDF-1.6 and no end")
        sys.exit(0)
    if b"hang" in data:
        child = subprocess.Popen(["sleep", "600"])
        note["pids"].append(child.pid)
        write_note()
        child.wait()
    if b"lose" not in data:
        (out / f"{{path.stem}}.{{target}}").write_bytes({answer})
'''
TEXT = 'b"%PDF-1.6 " + data + b"\\n%%EOF\\n"'


def fake_soffice(folder: Path, answer: str = TEXT) -> Path:
    """The program; `answer` is the Python expression of what it makes of `data` from `path`."""
    program = folder / "soffice"
    program.write_text(_PROGRAM.format(python=sys.executable, answer=answer), encoding="utf-8")
    program.chmod(0o755)
    return program


def runs(folder: Path) -> list[dict]:
    """The notes of its runs, in no order."""
    return [json.loads(path.read_text()) for path in folder.glob("run-*.json")]
