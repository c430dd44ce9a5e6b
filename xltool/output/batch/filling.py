"""Papers filled in by a process beside the first. It imports little: its start is part of the wait."""
from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...rules.problems import Problem
from ..template import AnyTemplate, TemplateError, load_template
from .delivery import write_part

Sheet = tuple[str, str, Mapping[str, object]]  # path within the run, name of the paper, what it prints

_templates: dict[str, AnyTemplate] = {}


def load(sources: Mapping[str, Path]) -> None:
    """Make ready to fill in the papers with these names and templates."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which then ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)  # the first process has most to do
    _templates.update({name: load_template(path) for name, path in sources.items()})
    gc.freeze()  # what is loaded stays, and need not be looked through for garbage


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever: each of the pool holds both ends of its queue."""
    multiprocessing.parent_process().join()
    os._exit(1)


def write(folder: Path, sheets: Sequence[Sheet]) -> list[tuple[str, str]]:
    """Write papers into a folder; returns their paths with their SHA-256. Raises TemplateError and OSError."""
    written = []
    for path, name, context in sheets:
        data = filled(path, _templates[name], context)
        write_part(folder / path, data)
        written.append((path, hashlib.sha256(data).hexdigest()))
    return written


def filled(path: str, template: AnyTemplate, context: Mapping[str, object]) -> bytes:
    """The filled paper; raises TemplateError that tells the paper, too, and so the project."""
    try:
        return template.render(context)
    except TemplateError as error:
        if all(problem.code == "template.name" for problem in error.problems):
            raise  # no project has it
        failed = Problem("template.failed", path, "这一份填不了", "请改模板，或清单里这个项目的数据；改好以前全部文件都没有写")
        raise TemplateError([*error.problems, failed]) from error
