"""Papers filled in and written: by this process, or, where there are many, by several beside it to the same bytes."""
from __future__ import annotations

import errno
import pickle
import threading
from collections.abc import Callable, Iterator, Sequence
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
    """Writes papers into a delivery, by `jobs` processes while the caller goes on: a context manager. Once `finish` has returned, or it
    is left without an error, everything is written; where this process does it, that is so from the start.
    """

    def __init__(self, delivery: Delivery, kind: str, copies: Sequence[Copy], jobs: int, tell: Tell) -> None:
        self._delivery, self._kind, self._copies, self._jobs, self._tell = delivery, kind, copies, jobs, tell
        self._portions, self._next = self._waiting(), threading.Lock()
        self._written, self._stopped = 0, False
        self._threads: ThreadPoolExecutor | None = None
        self._work: list[Future[None]] = []

    def __enter__(self) -> Press:
        if self._jobs > 1 and len(self._copies) >= MANY:
            self._threads = ThreadPoolExecutor(self._jobs, "xltool-press")
            self._work = [self._threads.submit(self._feed) for _ in range(self._jobs)]
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
            self._stopped = True
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
            write_frame(process.stdin, pickle.dumps((self._delivery.staging, {copy.paper.name: copy.paper.source for copy in self._copies})))
            while portion := self._portion():
                write_frame(process.stdin, pickle.dumps(portion))
                answer = pickle.loads(read_frame(process.stdout))
                if isinstance(answer, Exception):
                    raise answer
                for path, sha256 in answer:
                    self._delivery.own(path, self._kind, sha256)
                with self._next:
                    self._written += len(answer)
        except (BrokenPipeError, EOFError) as error:
            raise OSError(errno.ECHILD, "填表的一个进程被系统结束了，多半是内存不够；请把 --jobs 改小", "--jobs") from error
        finally:
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):
                    pipe.close()
            process.wait()

    def _portion(self) -> list[Sheet]:
        """What is to be filled in next; nothing once all is, or the run is over."""
        with self._next:
            return [] if self._stopped else list(islice(self._portions, _TOGETHER))

    def _waiting(self) -> Iterator[Sheet]:
        """What has to be filled in; what a resumed run had made has not."""
        for copy in self._copies:
            if self._delivery.has(copy.path, self._kind):
                self._written += 1
            else:
                self._delivery.place(copy.path)
                yield copy.path, copy.paper.name, copy.context
