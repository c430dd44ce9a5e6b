"""Where the functions find their rules: the editions that come along, or a guideline workbook that a setting or the open book names.

A named workbook counts before the bundled edition of its id. It is read again when it changes, and not used while it has problems.
"""
from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from time import monotonic

from ..rules.library import Library
from ..rules.model import Edition
from ..rules.problems import Problem, ProblemsError, reason
from .blocks import Misuse

NAME = "XLTOOL_GUIDELINE"  # the defined name of a book, and the setting (an environment variable)
_FOREIGN = re.compile(r"[\\/]{2}|[\\/]\?\?|[A-Za-z][\w+.-]+:[\\/]")  # Windows takes any two slashes, or \??, as the start of a network
_LARGEST = 50_000_000  # bytes
_GRANTED = 20  # times as long as looking took, a file is taken to be as it was: a sheet asks ten thousand times, maybe over a network


@dataclass(slots=True)
class _Named:
    """A named workbook: its file's state when it was read, the editions led by it or its problems, and until when nobody looks again."""

    state: tuple[int, int]
    library: Library | None
    problems: tuple[Problem, ...]
    until: float = 0.0


class Guidelines:
    """The bundled editions and the workbooks named so far. `load` reads a guideline workbook, or raises ProblemsError."""

    def __init__(self, bundled: Library, load: Callable[[Path], Edition], clock: Callable[[], float] = monotonic) -> None:
        self.bundled, self._load, self._clock = bundled, load, clock
        self._named: dict[str, _Named] = {}

    def library(self, named: str = "") -> Library:
        """The editions to answer by; `named` is what the open book says.

        Raises ProblemsError for a workbook with problems, Misuse where a book names one on another computer: whoever sends a book
        could have every program that opens it log in there. Who sets up this computer may do so.
        """
        path = (named or os.environ.get(NAME, "")).strip()
        if not path:
            return self.bundled
        if named and _FOREIGN.match(path):
            raise Misuse(f"这本工作簿指定的指南是网址，或在别的电脑上（{path}）：请复制到本机，或映射成盘符，或由管理员写进设置 {NAME}")
        known = self._named.get(path)
        if known is None or self._clock() >= known.until:
            known = self._named[path] = self._look(path, known)
        if known.library is None:
            raise ProblemsError(known.problems)
        return known.library

    def _look(self, path: str, known: _Named | None) -> _Named:
        begun = self._clock()
        try:
            stat = os.stat(path)
            state = stat.st_mtime_ns, stat.st_size
            now = self._clock()
            if not S_ISREG(stat.st_mode) or stat.st_size > _LARGEST:
                known = _Named(state, None, (Problem("file.kind", path, "不是指南工作簿", f"请核对名称（或设置）{NAME} 里写的文件"),))
            elif known is None or known.state != state:
                known = self._read(path, state)
        except OSError as error:
            now = self._clock()
            problem = Problem("file.missing", path, f"指南工作簿打不开：{reason(error)}", f"请核对名称（或设置）{NAME} 里写的文件")
            known = _Named((0, 0), None, (problem,))
        known.until = now + (now - begun) * _GRANTED
        return known

    def _read(self, path: str, state: tuple[int, int]) -> _Named:
        try:
            return _Named(state, self.bundled.led_by(self._load(Path(path))), ())
        except ProblemsError as error:
            return _Named(state, None, error.problems)
