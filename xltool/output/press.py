"""Papers filled in and written: by this process, or, where there are many, by several side by side to the same bytes."""
from __future__ import annotations

import errno
import hashlib
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from types import TracebackType

from ..rules.problems import Problem
from .delivery import Delivery, write_part
from .papers import Context, Paper
from .template import AnyTemplate, TemplateError, load_template

MANY = 2000  # papers from which on other processes are worth their start
_TOGETHER = 50  # papers sent to a process at a time

Sheet = tuple[str, str, Context]  # path within the run, name of the template, what it prints


class Press:
    """Writes papers, `count` at most, into a delivery, in `jobs` processes: a context manager; left without an error, everything is written."""

    def __init__(self, delivery: Delivery, papers: Sequence[Paper], kind: str, jobs: int, count: int) -> None:
        self._delivery, self._kind = delivery, kind
        self._waiting: list[Sheet] = []
        self._running: deque[Future[list[tuple[str, str]]]] = deque()
        self._pool = None
        if jobs > 1 and count >= MANY:
            self._pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _load,
                                             ({paper.name: paper.source for paper in papers},))
            self._most = 4 * jobs

    def __enter__(self) -> Press:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool:
            try:
                if error is None:
                    self._send()
                    while self._running:
                        self._collect()
            finally:
                self._pool.shutdown(cancel_futures=True)

    def write(self, path: str, paper: Paper, context: Context) -> None:
        """A paper of the run. Raises, maybe only later or at the end, TemplateError, and OSError where a process was ended from outside."""
        if not self._pool:
            self._delivery.write(path, self._kind, partial(_filled, path, paper.template, context))
        elif not self._delivery.has(path, self._kind):
            self._delivery.place(path)
            self._waiting.append((path, paper.name, context))
            if len(self._waiting) == _TOGETHER:
                self._send()

    def _send(self) -> None:
        try:
            self._running.append(self._pool.submit(_write, self._delivery.staging, self._waiting))
        except BrokenProcessPool as error:
            raise _ended() from error
        self._waiting = []
        if len(self._running) > self._most:
            self._collect()

    def _collect(self) -> None:
        try:
            written = self._running.popleft().result()
        except BrokenProcessPool as error:
            raise _ended() from error
        for path, sha256 in written:
            self._delivery.own(path, self._kind, sha256)


def _ended() -> OSError:
    return OSError(errno.ECHILD, "填表的一个进程被系统结束了，多半是内存不够；请把 --jobs 改小", "--jobs")


def _filled(path: str, template: AnyTemplate, context: Context) -> bytes:
    """The filled paper; raises TemplateError that tells the paper, too, and so the project."""
    try:
        return template.render(context)
    except TemplateError as error:
        if all(problem.code == "template.name" for problem in error.problems):
            raise  # no project has it
        failed = Problem("template.failed", path, "这一份填不了", "请改模板，或清单里这个项目的数据；改好以前全部文件都没有写")
        raise TemplateError([*error.problems, failed]) from error


_templates: dict[str, AnyTemplate] = {}  # of a process that fills them in for another


def _load(sources: Mapping[str, Path]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _templates.update({name: load_template(path) for name, path in sources.items()})


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever: each of the pool holds both ends of its queue."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _write(folder: Path, sheets: Sequence[Sheet]) -> list[tuple[str, str]]:
    written = []
    for path, name, context in sheets:
        data = _filled(path, _templates[name], context)
        write_part(folder / path, data)
        written.append((path, hashlib.sha256(data).hexdigest()))
    return written
