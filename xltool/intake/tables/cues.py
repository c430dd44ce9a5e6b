"""The words by which a row says what it is: a table of cues instead of branches. Texts are compared without any space."""
from __future__ import annotations

import re
from functools import lru_cache

_LONGEST = 200
_SPACES = re.compile(r"[\s\u200b\ufeff]+")

TOTAL = re.compile(r"[(（]?(?P<of>.{0,12}?)(?:合计|总计|共计|累计|总数|总和|(?P<part>小计)|total|(?P<some>sub-?total))"
                   r"(?:[(（][^()（）]*[)）])?[)）]?(?:[:：].*)?", re.I)
_SUMMING = re.compile("[合总共累小t]", re.I)  # no total without one of these
_WHOLE = re.compile(r"|(?:金额|资金|项目|核定金额|全[省市县区部]|总|本表|(?:全)?省|grand)?", re.I)

NOTE = re.compile(r"(?:[*※★]|[(（]?(?:备?注|附注|说明|重要说明|补充说明|编制说明|建议|例[一二三四五六\d]|表格计算|备?注意事项)\d*[)）]?"
                  r"(?:[:：;；、.．(（]|$))")
NUMBERED = re.compile(r"(?:[(（]?\d{1,2}[)）]|\d{1,2}[.、．]\D|[①-⑳])")
INSTRUCTION = re.compile(r"引用|自动计算|公式|填[写报表列]?(?:说明|要求|须知|规则|指南|提示)|必填|选填|(?<![申邀聘提报])请|勿|不得|不要|下拉|"
                         r"保留\d?.{0,3}小数|格式[:：为]|例如|如[:：]|不超过\d+字|按.{1,8}填|填[写入报](?!人|者|单位|部门|日期|时间|表|报|说明$|[:：])")
EXAMPLE = re.compile(r"[(（]?(?:填[写报])?(?:示?例|样例|范例|举例)(?:行|数据)?\d?[)）]?[:：]?")
SIGNATURE = re.compile(
    r"盖章|签字|签章|签名|公章|印章|"
    r"(?:^|[(（:：])(?:填[表报写]|制表|编制|审[核定批]|复核|经办|分管|主要|单位|部门|财务)?(?:人员?|负责人|责任人|联系人|单位|部门|日期|时间|领导)[:：(（]|"
    r"^(?:联系|办公|咨询)?(?:人|电话|方式|手机|传真|邮箱|地址)(?:及电话)?[:：;；]|负责人[:：]|^\D{0,8}年月日?$|^\D{0,6}(?:19|20)\d\d年\d{1,2}月(?:\d{1,2}日)?$|"
    r"^(?:填[表报写]|制表|编制|审[核定批]|复核|经办)(?:人员?|日期|时间|单位|部门)?$")
STAMP = re.compile("盖章|签字|签章|签名")
UNIT_LINE = re.compile(r"^[(（]?(?:金额|货币|计量|数据)?(?:计量)?单位(?:均?为)?[:：]\S{1,12}[)）]?$")
HEADING = re.compile(  # what hardly anything but a heading says
    r"序号|编号|№|.{0,4}(?:名称|姓名|代码|编码|型号|规格)|备注|说明|.{0,4}金额|.{0,2}数量|单位|单价|总价|.{0,2}(?:日期|时间)|类[别型]|项目|指标|合计|内容|"
    r"县市区|地区|设区市|联系(?:人|电话|方式)|电话|负责人|年度|.{1,12}[(（][十百千万亿]{0,2}(?:元|个|家|人|项|台|套|亩|%)[)）]")
GROUP = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]|[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十\d]+[批类组部]|"
                   r".*[(（](?:共)?\d+[个家所项人户条件名][)）]$|.*(?:地区|类|批|片区?|部分|小组|项目[:：])$")
PLACE = re.compile(r".{1,14}(?:省|市|区|县|旗|州|盟|镇|乡|街道|办事处|林场|农场|园)")
PLACE_HEADING = re.compile(r"县|市|区|地区|辖区|镇|街道|属地")
CODE = re.compile(r"[A-Za-z]{1,6}[-_—]?\d{1,8}")
SERIAL = re.compile(r"[(（]?\d{1,4}[)）]?[、.．]?")
DOTS = re.compile(r"[.。…·]{2,}")
PLACEHOLDER = re.compile(r"\{\{.*\}\}|\$\{.*\}")
NUMBER_ROW = re.compile(r"[(（]?(?:\d{1,3}|[甲乙丙丁戊己庚辛A-Z①-⑳])[)）]?(?:[=＝].+)?")
NUMBER_ROW_LABEL = re.compile("栏次|行次|列次|列号|序号|栏目")

EXAMPLE_SHEET = re.compile(r"示例(?![县市区省])|样[表本张]|样例|范[例本]|填[写报表](?:说明|示范)|例表")
SOMEBODY = re.compile("[XxＸ×某]{2,}|^[XxＸ×某](?:公司|企业|单位|项目|县|市|区)")
COPY_SHEET = re.compile(r"备份|副本|作废|旧版?|[(（]旧[)）]|原始?稿|上报前|\bcopy\b|\bbak\b|\bold\b|backup|勿用|不用", re.I)


def bare(text: str) -> str:
    """The text without any space; of a long one its beginning, since no cue stands further on."""
    return _bare(text[:_LONGEST])


@lru_cache(8192)
def _bare(text: str) -> str:
    return _SPACES.sub("", text)


def says(cue: re.Pattern[str], text: str) -> bool:
    """Whether the cue stands anywhere in a text."""
    return cue.search(bare(text)) is not None


def begins(cue: re.Pattern[str], text: str) -> bool:
    """Whether a text begins with the cue."""
    return cue.match(bare(text)) is not None


def total_of(text: str) -> str:
    """total or subtotal for a label such as 合计, 苏南小计; empty for anything else."""
    found = TOTAL.fullmatch(bare(text)) if _SUMMING.search(text) else None
    if not found:
        return ""
    return "subtotal" if found["part"] or found["some"] or not _WHOLE.fullmatch(found["of"]) else "total"
