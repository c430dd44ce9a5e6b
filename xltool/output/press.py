"""Papers filled in and written: by this process, or, where there are many, by several side by side to the same bytes."""
from __future__ import annotations

import hashlib
import multiprocessing
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType

from .delivery import Delivery, write_part
from .papers import Context, Paper
from .template import AnyTemplate, load_template

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
        """A paper of the run. Raises TemplateError, maybe only later or at the end."""
        if not self._pool:
            self._delivery.write(path, self._kind, partial(paper.template.render, context))
        elif not self._delivery.has(path, self._kind):
            self._delivery.place(path)
            self._waiting.append((path, paper.name, context))
            if len(self._waiting) == _TOGETHER:
                self._send()

    def _send(self) -> None:
        self._running.append(self._pool.submit(_write, self._delivery.staging, self._waiting))
        self._waiting = []
        if len(self._running) > self._most:
            self._collect()

    def _collect(self) -> None:
        for path, sha256 in self._running.popleft().result():
            self._delivery.own(path, self._kind, sha256)


_templates: dict[str, AnyTemplate] = {}  # of a process that fills them in for another


def _load(sources: Mapping[str, Path]) -> None:
    _templates.update({name: load_template(path) for name, path in sources.items()})


def _write(folder: Path, sheets: Sequence[Sheet]) -> list[tuple[str, str]]:
    written = []
    for path, name, context in sheets:
        data = _templates[name].render(context)
        write_part(folder / path, data)
        written.append((path, hashlib.sha256(data).hexdigest()))
    return written
