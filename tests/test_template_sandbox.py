"""Templates from strangers: nothing an expression or a loop does can hang the run or fill the memory; what people write still works."""
from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from word_pages import page, part

from xltool.output.template import TemplateError, load_template
from xltool.output.template import sandbox as bounds

BIG = "{% set a = 'a' * 1000000 %}"


def refused(*paragraphs: str) -> str:
    with pytest.raises(TemplateError) as caught:
        load_template(page(*paragraphs), "模板.docx").render({"名": "甲", "金额": 1234.5})
    return str(caught.value)


@pytest.mark.parametrize("text", [
    BIG + "{% set a = a ~ a %}" * 5 + "{{ a|length }}", BIG + "{% set a = a + a %}" * 5 + "{{ a|length }}",
    BIG + "{{ a|replace('a', a) }}", BIG + "{{ a.replace('a', a) }}", BIG + "{{ ([a] * 100)|join }}", BIG + "{{ ''.join([a] * 100) }}"])
def test_a_text_that_grows_without_end_is_refused_at_its_tag(text):
    assert "文字或列表太长" in refused(text)


@pytest.mark.parametrize("text", [
    "{{ 'a'|center(2000000) }}", "{{ 'a'.ljust(2000000) }}", "{{ '%2000000d' % 1 }}", "{{ '%2000000d'|format(1) }}", "{{ '%*d'|format(9, 1) }}",
    "{{ '{:2000000}'.format(1) }}", "{{ '{:{0}d}'.format(9) }}", "{{ 'a'|indent(2000000, true) }}"])
def test_a_text_is_not_padded_without_end(text):
    assert "宽度太大" in refused(text)


@pytest.mark.parametrize("text", [
    "{% for i in range(900) %}{% for j in range(900) %}{% endfor %}{% endfor %}",
    "{% for i in range(900) %}{% for j in range(900) if j < 0 %}字{% endfor %}{% endfor %}"])
def test_all_loops_together_turn_so_many_times_and_no_more(text, monkeypatch):
    monkeypatch.setattr(bounds, "MOST_TURNS", 20_000)
    assert "循环的次数太多" in refused(text)


def test_a_document_that_grows_without_end_is_refused_before_it_is_whole():
    assert "太大了，写不成一个文档" in refused(BIG + "{% for i in range(99999) %}{{ a }}{% endfor %}")


@pytest.mark.parametrize("text", [BIG + "{% for i in range(99) %}{{ a }}{% endfor %}",
                                  BIG + "{% set b %}{% for i in range(99) %}{{ a }}{% endfor %}{% endset %}{{ b|length }}"])
def test_a_cell_that_grows_without_end_is_refused_before_it_is_whole(text):
    book = openpyxl.Workbook()
    book.active["A1"] = text
    book.save(data := BytesIO())
    with pytest.raises(TemplateError, match="文字或列表太长"):
        load_template(data.getvalue(), "模板.xlsx").render({})


def test_tags_nested_too_deep_are_a_problem_of_the_template():
    assert "标签套得太深" in refused("{% if 名 %}" * 400 + "{% endif %}" * 400)


def test_what_people_write_is_not_refused():
    texts = {"{{ '苏财工贸12345号：%.2f'|format(金额) }}": "苏财工贸12345号：1234.50", "{{ '{:,.2f}'.format(金额) }}": "1,234.50",
             "{{ 名|center(5) }}": "  甲  ", "{{ [名, '乙']|join('、') }}": "甲、乙", "{{ 名.replace('甲', '丙') }}": "丙",
             "{{ 名 ~ 金额 }}": "甲1234.5",
             "{% for p in [1, 2] %}{{ loop.index }}/{{ loop.length }}{{ '；' if not loop.last }}{% endfor %}": "1/2；2/2"}
    for text, expected in texts.items():
        assert expected in part(load_template(page(text)).render({"名": "甲", "金额": 1234.5}))
