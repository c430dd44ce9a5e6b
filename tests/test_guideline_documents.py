"""The sheet 文书 of a guideline workbook: what cannot be printed or accepted is reported at its cell."""
from __future__ import annotations

import pytest
from test_guideline_read import Book


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


DOCUMENT = {"附件号": "附件9", "名称": "承诺书", "标题": "承诺书", "模板": "a.docx"}
DOCUMENTS = {
    "a template elsewhere": ({"模板": "../a.docx"}, "D", "cell.type", "应为Word文件名，不带文件夹"),
    "a template of another kind": ({"模板": "a.docm"}, "D", "cell.type", "应为Word文件名"),
    "a column no list has": ({"用到的列": "单位名称\n单位全名"}, "E", "cell.reference", "“单位全名”：“字段”里没有这个通用的列"),
    "contents without a name": ({"固定内容": "关于组织申报的通知"}, "F", "cell.type", "应写成 名称=值"),
    "acceptance by another fact": ({"验收公式": 'IF(项目总投入>=1000,"甲方","")'}, "G", "rule.name", "“项目总投入”：没有这个字段"),
    "acceptance that is no text": ({"验收公式": "批复专项资金*10%"}, "G", "rule.type", "不能作为文字：结果是金额（万元）"),
    "acceptance by a tier nobody is in": ({"验收公式": 'IF(批复专项资金>=300,"丙方",IF(批复专项资金>=1000,"甲方",""))'}, "G", "rule.unreachable",
                                          "这个分支永远走不到"),
}


@pytest.mark.parametrize("mistake", DOCUMENTS)
def test_a_document_that_cannot_be_printed_is_reported(book, mistake):
    cells, column, code, words = DOCUMENTS[mistake]
    row = book.append("文书", **{**DOCUMENT, **cells})
    book.has(code, "文书", f"{column}{row}", words)


def test_two_documents_say_the_same_under_one_name(book):
    book.append("文书", **DOCUMENT, 固定内容="申报依据=甲通知")
    row = book.append("文书", **{**DOCUMENT, "附件号": "附件10", "名称": "任务书"}, 固定内容="申报依据=乙通知")
    book.has("value.conflict", "文书", f"F{row}", "上面写的是“甲通知”")
