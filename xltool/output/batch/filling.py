"""Papers filled in by a process beside the first. It imports little: its start is part of the wait."""
from __future__ import annotations

import gc
import hashlib
import os
import pickle
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from ...intake.pipes import read_frame, write_frame
from ...rules.problems import Problem
from ..template import AnyTemplate, TemplateError, load_template
from .delivery import write_part

Sheet = tuple[str, str, Mapping[str, object]]  # path within the run, name of the paper, what it prints


def serve() -> None:
    """Fill in what comes through the pipe, portion by portion, until it closes; the first frame says where to, and each paper's template."""
    given, made = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(10)  # the first process has most to do
    frames: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(given, frames), daemon=True).start()
    folder, sources = pickle.loads(frames.get())
    templates = {name: load_template(path) for name, path in sources.items()}
    gc.freeze()  # what is loaded stays, and need not be looked through for garbage
    while True:
        try:
            answer: object = write(folder, pickle.loads(frames.get()), templates)
        except (TemplateError, OSError) as error:
            answer = error
        write_frame(made, pickle.dumps(answer))


def _receive(given: BinaryIO, frames: SimpleQueue[bytes]) -> None:
    """Ends this process as soon as the pipe closes: the first one has all its answers, or is dead, and another run may have begun."""
    try:
        while True:
            frames.put(read_frame(given))
    except EOFError:
        os._exit(0)


def write(folder: Path, sheets: Sequence[Sheet], templates: Mapping[str, AnyTemplate]) -> list[tuple[str, str]]:
    """Write papers into a folder; returns their paths with their SHA-256. Raises TemplateError and OSError."""
    written = []
    for path, name, context in sheets:
        data = filled(path, templates[name], context)
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
