"""Processes beside this one, spoken to through their pipes: the same interpreter running one function of this package.

Nothing of the caller's program is run again in them, Ctrl-C is not for them, and it works the same on every system.
"""
from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

_PACKAGE = Path(__file__).resolve().parents[2]
_PIPE = 1 << 20  # a usual answer fits
# A group, not a session, of its own: Linux heeds `nice` only within a session.
_APART = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {"process_group": 0}


def start(code: str, errors: int | None = None) -> subprocess.Popen[bytes]:
    """A process that runs some code of ours; what it says on standard error goes to `errors`, or where ours does."""
    path = os.pathsep.join(filter(None, (str(_PACKAGE), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                            env={**os.environ, "PYTHONPATH": path}, pipesize=_PIPE, **_APART)


def write_frame(pipe: BinaryIO, data: bytes) -> None:
    """Send some bytes behind their length."""
    pipe.write(struct.pack("<Q", len(data)) + data)
    pipe.flush()


def read_frame(pipe: BinaryIO) -> bytes:
    """The bytes another process sent. Raises EOFError where it closed the pipe or died."""
    head = pipe.read(8)
    if len(head) < 8:
        raise EOFError
    size = struct.unpack("<Q", head)[0]
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data
