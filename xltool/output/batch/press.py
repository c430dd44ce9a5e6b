"""Papers filled in and written: by this process, or, where there are many, by several beside it to the same bytes."""
from __future__ import annotations

import errno
import pickle
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from types import TracebackType

from ...intake.pipes import read_frame, start, write_frame
from ..checking import Checked
from ..papers.paper import Context, Paper
from .delivery import Delivery
from .filling import Sheet, filled

MANY = 2000  # papers from which on other processes are worth their start
TOGETHER = 100  # papers sent to a process at a time
_AHEAD = 2  # portions a process has: one to work on, one so that it need not wait for the next
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
    """Writes papers into a delivery: a context manager. Where many are `expected`, `jobs` processes get ready as it is entered, and fill them
    in while the caller goes on; all is written once `finish` has returned, or it is left without an error. Else `fill` does it all.
    """

    def __init__(self, delivery: Delivery, kind: str, papers: Iterable[Paper], expected: int, jobs: int, tell: Tell) -> None:
        self._delivery, self._kind, self._tell = delivery, kind, tell
        self._sources = {paper.name: paper.source for paper in papers}
        self._jobs = jobs if jobs > 1 and expected >= MANY else 0
        self._copies: Sequence[Copy] = ()
        self._portions, self._next, self._given = self._waiting(), threading.Lock(), threading.Event()
        self._written, self._stopped = 0, False
        self._threads: ThreadPoolExecutor | None = None
        self._work: list[Future[None]] = []

    def __enter__(self) -> Press:
        if self._jobs:
            self._threads = ThreadPoolExecutor(self._jobs, "xltool-press")
            self._work = [self._threads.submit(self._feed) for _ in range(self._jobs)]
        return self

    def fill(self, copies: Sequence[Copy]) -> None:
        """Fill in these papers: all there are, given once."""
        self._copies = copies
        self._given.set()
        if not self._jobs:
            for number, copy in enumerate(copies, 1):
                self._tell(number, len(copies))
                self._delivery.write(copy.path, self._kind, copy.filled)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                self.finish()
        finally:
            self._stopped = True
            self._given.set()
            if self._threads:
                self._threads.shutdown()

    def finish(self) -> None:
        """Wait until everything is written. Raises TemplateError, and OSError where a process was ended from outside."""
        waiting = set(self._work)
        while waiting:
            done, waiting = wait(waiting, _LOOK, FIRST_EXCEPTION)
            self._tell(self._written, len(self._copies))
            for each in done:
                each.result()

    def _feed(self) -> None:
        """Give one process what it can take, portion by portion, and note what it has written."""
        process = start("from xltool.output.batch.filling import serve; serve()")
        try:
            write_frame(process.stdin, pickle.dumps((self._delivery.staging, self._sources)))
            self._given.wait()
            ahead = 0
            while (portion := self._portion()) or ahead:
                if portion:
                    write_frame(process.stdin, pickle.dumps(portion))
                    ahead += 1
                if ahead == _AHEAD or not portion:
                    self._note(pickle.loads(read_frame(process.stdout)))
                    ahead -= 1
        except (BrokenPipeError, EOFError) as error:
            raise OSError(errno.ECHILD, "填表的一个进程被系统结束了，多半是内存不够；请把 --jobs 改小", "--jobs") from error
        finally:
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()
            process.wait()

    def _note(self, answer: list[tuple[str, str]] | Exception) -> None:
        """Take what a process has written as files of the run."""
        if isinstance(answer, Exception):
            raise answer
        self._delivery.own(dict(answer), self._kind)
        with self._next:
            self._written += len(answer)

    def _portion(self) -> list[Sheet]:
        """What is to be filled in next; nothing once all is, or the run is over."""
        with self._next:
            return [] if self._stopped else list(islice(self._portions, TOGETHER))

    def _waiting(self) -> Iterator[Sheet]:
        """What has to be filled in; what a resumed run had made has not."""
        for copy in self._copies:
            if self._delivery.has(copy.path, self._kind):
                self._written += 1
            else:
                self._delivery.place(copy.path)
                yield copy.path, copy.paper.name, copy.context
