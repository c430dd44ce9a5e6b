"""Papers filled in and written: by this process, or, where there are many, by several beside it to the same bytes."""
from __future__ import annotations

import errno
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType

from ..checking import Checked
from ..papers.paper import Context, Paper
from .delivery import Delivery
from .filling import Sheet, filled, load, write

MANY = 2000  # papers from which on other processes are worth their start
_TOGETHER = 50  # papers sent to a process at a time
_LOOK = 0.2  # seconds between two looks at how far they are

Tell = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class Copy:
    """A paper for the n-th project: its file within the run."""

    path: str
    paper: Paper
    item: Checked
    number: int

    @property
    def context(self) -> Context:
        return self.paper.context(self.item, self.number)

    def filled(self) -> bytes:
        return filled(self.path, self.paper.template, self.context)


class Press:
    """Writes papers into a delivery, in `jobs` processes while the caller goes on: a context manager. Once `finish` has returned, or it
    is left without an error, everything is written; where one process does it, that is so from the start.
    """

    def __init__(self, delivery: Delivery, kind: str, copies: Sequence[Copy], jobs: int, tell: Tell) -> None:
        self._delivery, self._kind, self._copies, self._jobs, self._tell = delivery, kind, copies, jobs, tell
        self._written, self._stopped = 0, False
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Press:
        if self._jobs > 1 and len(self._copies) >= MANY:
            sources = {copy.paper.name: copy.paper.source for copy in self._copies}
            self._pool = ProcessPoolExecutor(self._jobs, multiprocessing.get_context("spawn"), load, (sources,))
            self._feeder = ThreadPoolExecutor(1, "xltool-press")
            self._fed = self._feeder.submit(self._feed, self._pool)
        else:
            for number, copy in enumerate(self._copies, 1):
                self._tell(number, len(self._copies))
                self._delivery.write(copy.path, self._kind, copy.filled)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                self.finish()
        finally:
            if self._pool:
                self._stopped = True
                self._pool.shutdown(cancel_futures=True)
                self._feeder.shutdown()

    def finish(self) -> None:
        """Wait until everything is written. Raises TemplateError, and OSError where a process was ended from outside."""
        while self._pool:
            ended = wait([self._fed], _LOOK).done
            self._tell(self._written, len(self._copies))
            if ended:
                return self._fed.result()

    def _feed(self, pool: ProcessPoolExecutor) -> None:
        """Send the processes what they need, never much more than they can take, and note what they have written."""
        running: deque[Future[list[tuple[str, str]]]] = deque()
        try:
            for portion in self._portions():
                if self._stopped:
                    return
                running.append(pool.submit(write, self._delivery.staging, portion))
                if len(running) > 4 * self._jobs:
                    self._note(running.popleft())
            while running:
                self._note(running.popleft())
        except BrokenProcessPool as error:
            raise OSError(errno.ECHILD, "填表的一个进程被系统结束了，多半是内存不够；请把 --jobs 改小", "--jobs") from error

    def _portions(self) -> Iterator[list[Sheet]]:
        portion: list[Sheet] = []
        for copy in self._copies:
            if self._delivery.has(copy.path, self._kind):
                self._written += 1
                continue
            self._delivery.place(copy.path)
            portion.append((copy.path, copy.paper.name, copy.context))
            if len(portion) == _TOGETHER:
                yield portion
                portion = []
        if portion:
            yield portion

    def _note(self, written: Future[list[tuple[str, str]]]) -> None:
        for path, sha256 in written.result():
            self._delivery.own(path, self._kind, sha256)
            self._written += 1
