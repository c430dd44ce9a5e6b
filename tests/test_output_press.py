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
from test_output_resume import ENVIRONMENT, EPOCH, contents

from xltool.output import press
from xltool.output.batch import ZIP, Order, run_batch
from xltool.output.template import TemplateError

ROWS = [[*GOOD[:3], f"项目{number}", f"示例{number}公司", *GOOD[5:]] for number in range(120)] + [MODEL]


@pytest.fixture
def side_by_side(monkeypatch):
    monkeypatch.setattr(press, "MANY", 0)


@pytest.mark.parametrize("forms", ["files", ZIP])
def test_several_processes_write_the_same_bytes_as_one(tmp_path, edition_2026, monkeypatch, forms):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    source = write_list(tmp_path / "清单.xlsx", *ROWS)
    template = word(tmp_path / "函.docx", "{{ 单位名称 }}")
    run_batch(source, edition_2026, tmp_path / "一个", Order(forms=forms, templates=(template,)))
    monkeypatch.setattr(press, "MANY", 0)
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
        code = "from xltool.output import press; press.MANY = 0; from xltool.cli import main; main()"
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
