"""What the command line says of a batch: what is missing from it, and how to go on when it was broken off."""
from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from test_intake_office import posix
from test_output_batch import GOOD, write_list
from test_output_resume import ENVIRONMENT, STAGING, command

from xltool.output.batch.run import Order, run_batch
from xltool.output.console import batch_lines


def program(path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_a_submission_that_cannot_be_read_is_said(tmp_path, edition_2026):
    (tmp_path / "报送件").mkdir()
    write_list(tmp_path / "报送件" / "东台.xlsx", GOOD)
    (tmp_path / "报送件" / "建湖.xlsx").write_text("不是表格", encoding="utf-8")
    said = batch_lines(run_batch(tmp_path / "报送件", edition_2026, tmp_path / "结果"))
    assert "没有读或没有读全的文件 1 个：建湖.xlsx；原因见核查报告.xlsx“问题”。" in said
    assert not [line for line in said if "PDF" in line]


@posix
def test_what_was_not_printed_is_said(tmp_path, edition_2026, monkeypatch):
    monkeypatch.setenv("XLTOOL_SOFFICE", program(tmp_path / "soffice", "exit 0"))
    said = batch_lines(run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, tmp_path / "结果", Order(pdf=True)))
    assert "没有印成 PDF 的 2 份，原因见核查报告.xlsx“问题”。" in said


@posix
@pytest.mark.parametrize("ending", ["SIGTERM", "SIGHUP"])
def test_a_run_that_is_ended_ends_libreoffice_and_says_how_to_go_on(tmp_path, ending):
    (tmp_path / "临时").mkdir()
    started = tmp_path / "started"
    slow = program(tmp_path / "soffice", f"[ $1 = --version ] && exit; echo $$ > {started}.part; mv {started}.part {started}; exec sleep 600")
    environment = {**ENVIRONMENT, "XLTOOL_SOFFICE": slow, "TMPDIR": str(tmp_path / "临时")}
    line = command(write_list(tmp_path / "清单.xlsx", GOOD), tmp_path / "结果", "--pdf")
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8") as process:
        while not started.exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(getattr(signal, ending))
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and "--resume" in said and (tmp_path / "结果" / STAGING).is_dir()
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert not list((tmp_path / "临时").iterdir())
