"""Where the functions find their rules: the editions that come along, or a guideline workbook that a setting or the open book names.

A named workbook counts before the bundled edition of its id. It is read again when it changes, and not used while it has problems.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..rules.library import Library
from ..rules.model import Edition
from ..rules.problems import Problem, ProblemsError, reason

NAME = "XLTOOL_GUIDELINE"  # the defined name of a book, and the setting (an environment variable)


class Guidelines:
    """The bundled editions and the workbooks named so far. `load` reads a guideline workbook, or raises ProblemsError."""

    def __init__(self, bundled: Library, load: Callable[[Path], Edition]) -> None:
        self.bundled, self._load = bundled, load
        self._named: dict[str, tuple[tuple[int, int], Library | ProblemsError]] = {}

    def library(self, named: str = "") -> Library:
        """The editions to answer by; `named` is what the open book says. Raises ProblemsError for a workbook with problems."""
        path = (named or os.environ.get(NAME, "")).strip()
        if not path:
            return self.bundled
        try:
            stat = os.stat(path)
        except OSError as error:
            raise ProblemsError([Problem("file.missing", path, f"指南工作簿打不开：{reason(error)}", f"请核对名称 {NAME} 里写的文件")]) from error
        state = stat.st_mtime_ns, stat.st_size
        known = self._named.get(path)
        if known is None or known[0] != state:
            known = self._named[path] = state, self._read(Path(path))
        if isinstance(known[1], ProblemsError):
            raise known[1]
        return known[1]

    def _read(self, path: Path) -> Library | ProblemsError:
        try:
            return self.bundled.led_by(self._load(path))
        except ProblemsError as error:
            return error
