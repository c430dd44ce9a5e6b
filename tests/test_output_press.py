"""Papers filled in by several processes are the same as by one, whatever goes wrong."""
from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from test_output_batch import GOOD, MODEL, files, write_list
from test_output_papers import word
from test_output_resume import ENVIRONMENT, EPOCH, STAGING, contents

from xltool.intake import pipes
from xltool.output.batch import press, run
from xltool.output.batch.run import ZIP, Order, run_batch
from xltool.output.template import TemplateError

ROWS = [[*GOOD[:3], f"项目{number}", f"示例{number}公司", *GOOD[5:]] for number in range(120)] + [MODEL]

# A run in a process of its own that does something the moment those it started are at work.
RUN = """
import itertools, os, signal
from pathlib import Path
from xltool.guideline.bundle import edition
from xltool.output.batch import press
from xltool.output.batch.run import Order, run_batch

def write_frame(pipe, data, write=press.write_frame, calls=itertools.count(1)):
    write(pipe, data)
    if next(calls) == 4:  # what both need, and something to do
        print("at work", flush=True)
        {action}

press.MANY, press.TOGETHER, press.write_frame = 0, 5, write_frame
run_batch(Path({source!r}), edition("2026"), Path({out!r}), Order(jobs=2))
"""


def run_until(action, folder):
    """The ended process. Its output ends only when every process that holds it has ended."""
    code = RUN.format(action=action, source=str(write_list(folder / "清单.xlsx", *ROWS)), out=str(folder / "结果"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=False, start_new_session=True)
    assert done.stdout == "at work\n", done.stderr
    return done


@pytest.fixture
def side_by_side(monkeypatch):
    """Several processes for any run, and work for each."""
    monkeypatch.setattr(press, "MANY", 0)
    monkeypatch.setattr(press, "TOGETHER", 5)


@pytest.mark.parametrize("forms", ["files", ZIP])
@pytest.mark.usefixtures("side_by_side")
def test_several_processes_write_the_same_bytes_as_one(tmp_path, edition_2026, monkeypatch, forms):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    source = write_list(tmp_path / "清单.xlsx", *ROWS)
    template = word(tmp_path / "函.docx", "{{ 单位名称 }}")
    run_batch(source, edition_2026, tmp_path / "一个", Order(forms=forms, templates=(template,)))
    run_batch(source, edition_2026, tmp_path / "三个", Order(forms=forms, templates=(template,), jobs=3))
    assert contents(tmp_path / "一个") == contents(tmp_path / "三个")


@pytest.mark.usefixtures("side_by_side")
def test_a_template_that_fails_in_another_process_is_refused_all_the_same(tmp_path, edition_2026):
    template = word(tmp_path / "函.docx", "{{ 1 / (序号 - 77) }}")
    with pytest.raises(TemplateError, match="division by zero") as refused:
        run_batch(write_list(tmp_path / "清单.xlsx", *ROWS), edition_2026, tmp_path / "结果", Order(templates=(template,), jobs=2))
    assert refused.value.problems[0].where.file == "函.docx" and not files(tmp_path / "结果")


def test_a_run_of_several_processes_that_is_killed_is_completed_to_the_same_bytes(tmp_path):
    source = write_list(tmp_path / "清单.xlsx", *ROWS)

    def command(out, *options):
        code = "from xltool.output.batch import press; press.MANY, press.TOGETHER = 0, 5; from xltool.cli import main; main()"
        return [sys.executable, "-c", code, "batch", str(source), "--edition", "2026", "--out", str(out), "--jobs", "2", *options]
    started = time.monotonic()
    subprocess.run(command(tmp_path / "没有中断"), env=ENVIRONMENT, check=True, capture_output=True)
    whole, wanted = time.monotonic() - started, contents(tmp_path / "没有中断")
    chance = random.Random(8)
    for number in range(8):
        out = tmp_path / f"中断{number}"
        with subprocess.Popen(command(out), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as process:
            time.sleep(whole * chance.uniform(0.3, 1.0))
            # Every other time only the first process is killed, and those it started find out by themselves.
            (os.killpg if number % 2 else os.kill)(process.pid, signal.SIGKILL)
        done = subprocess.run(command(out, "--resume"), env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        assert contents(out) == wanted


def test_a_process_that_is_ended_from_outside_is_told_and_what_was_written_stays(tmp_path, edition_2026, monkeypatch, side_by_side):
    source, out = write_list(tmp_path / "清单.xlsx", *ROWS), tmp_path / "结果"
    started = []

    def start(code):
        started.append(pipes.start(code))
        if len(started) == 2:
            started[1].kill()
        return started[-1]
    monkeypatch.setattr(press, "start", start)
    with pytest.raises(OSError, match=r"--jobs 改小"):
        run_batch(source, edition_2026, out, Order(jobs=2))
    assert (out / STAGING / "journal.jsonl").exists()
    assert len(run_batch(source, edition_2026, out, Order(jobs=2, resume=True)).report.checked) == len(ROWS)


@pytest.mark.usefixtures("side_by_side")
def test_processes_that_are_ready_end_when_the_projects_cannot_be_checked(tmp_path, edition_2026, monkeypatch):
    started = []

    def start(code):
        started.append(pipes.start(code))
        return started[-1]

    def check(project, city):
        raise ZeroDivisionError
    monkeypatch.setattr(press, "start", start)
    monkeypatch.setattr(run, "check_project", check)
    with pytest.raises(ZeroDivisionError):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, tmp_path / "结果", Order(jobs=2))
    assert [process.returncode for process in started] == [0, 0] and not files(tmp_path / "结果")


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path):
    done = run_until("os.kill(os.getpid(), signal.SIGKILL)", tmp_path)
    assert done.returncode == -signal.SIGKILL and not done.stderr


def test_processes_say_nothing_when_the_run_is_interrupted(tmp_path):
    """Ctrl-C in a terminal reaches every process of its group."""
    done = run_until("os.killpg(0, signal.SIGINT)", tmp_path)
    assert "filling.py" not in done.stderr and done.stderr.rstrip().endswith("KeyboardInterrupt")


def test_a_paper_that_cannot_be_filled_is_named(tmp_path, edition_2026):
    template = word(tmp_path / "函.docx", "{{ 1 / (序号 - 2) }}")
    rows = [[*GOOD[:3], f"项目{number}", *GOOD[4:]] for number in range(1, 4)]
    with pytest.raises(TemplateError, match=r"division by zero(.|\n)*函/东台市/002 示例一公司 项目2.docx”：这一份填不了"):
        run_batch(write_list(tmp_path / "清单.xlsx", *rows), edition_2026, tmp_path / "结果", Order(templates=(template,)))
