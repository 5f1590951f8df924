"""What the template tells the clerk of each column: must it be filled in, in what form, what goes wrong, an example."""

from dataclasses import dataclass
from typing import Final

from registry.assessment.content import Column
from registry.assessment.training import MAX_CHARACTERS, MAX_HOURS
from registry.assessment.workbook_form import EDITION_LABELS, ID_TYPE_LABELS, LEVEL_LABELS
from registry.assessment.written_reason import MOST_CHARACTERS as MOST_OF_A_REASON

# No name holds brackets, so a row that was copied from the example is refused.
EXAMPLE_NAME: Final = "张三（示例）"


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """The note on one column, in the clerk's language. ``need`` is 必填, 选填, or when it must be filled in."""

    need: str
    form: str
    mistakes: str
    example: str = ""

    @property
    def must(self) -> bool:
        """Say whether the column must be filled in for everybody."""
        return self.need == MUST


MUST, MAY = "必填", "选填"

COLUMN_NOTES: Final[dict[Column, ColumnNote]] = {
    Column.ISSUER: ColumnNote(MUST, "1 位大写字母加 4 位数字，文本格式", "填成别的机构的代码", "S0002"),
    Column.SITE: ColumnNote(
        MUST, "已备案的 6 位站点代码，文本格式", "按数值填写，丢了开头的零；站点不在考核所在的省", "000002"
    ),
    Column.PROVINCE: ColumnNote(MUST, "考核所在省份，行政区划代码前两位", "填成机构注册地的省份", "21"),
    Column.EXAM_STARTED_ON: ColumnNote(MUST, "日期，如 2026-10-10", "晚于结束日期；带有时刻", "2026-10-10"),
    Column.EXAM_ENDED_ON: ColumnNote(
        MUST, "日期，如 2026-10-11", "考核还没有结束；填成报送的日期", "2026-10-11"
    ),
    Column.LATE_REASON: ColumnNote(
        "超过报送期限时必填",
        f"一行文字，不超过 {MOST_OF_A_REASON} 字，审核人员会看到",
        "逾期报送而没有说明原因",
    ),
    Column.ROW: ColumnNote(MUST, "1 到 999999 的整数，每行不同", "两行序号相同", "1"),
    Column.NAME: ColumnNote(
        MUST,
        "与证件完全一致；少数民族姓名的间隔号用“·”（U+00B7）",
        "汉字之间有空格；用了自造字、兼容汉字或部首符号；间隔号用了“•”“.”",
        EXAMPLE_NAME,
    ),
    Column.ID_TYPE: ColumnNote(
        MUST, f"从列表中选择：{'、'.join(ID_TYPE_LABELS)}", "证件类型与号码不符", "居民身份证"
    ),
    Column.ID_NUMBER: ColumnNote(
        MUST,
        "文本格式；居民身份证为 18 位，末位可为 X",
        "按数值填写，末尾几位变成 0；15 位旧号码；校验码不符",
        "11010519491231002X",
    ),
    Column.OCCUPATION: ColumnNote(
        "必填；考核信息表中已写明的可留空",
        "职业编码，如 2-02-10-11",
        "机构在考核之日没有该职业的评价资格；编码被 Excel 变成日期",
        "2-02-10-11",
    ),
    Column.EDITION: ColumnNote(
        "必填；考核信息表中已写明的可留空",
        f"职业分类大典的版本，从列表中选择：{'、'.join(EDITION_LABELS)}",
        "用 2015 版的编码，选了 2022 版",
        "2015版",
    ),
    Column.DIRECTION: ColumnNote(
        "该职业分方向的，按考核的方向填写",
        "职业方向的名称；没有方向的留空",
        "填写了“无”“—”等字样",
        "大数据分析",
    ),
    Column.LEVEL: ColumnNote(
        "必填；考核信息表中已写明的可留空",
        f"从列表中选择：{'、'.join(LEVEL_LABELS)}",
        "写成“初等”“三级”等",
        "中级",
    ),
    Column.THEORY: ColumnNote(
        MUST, "0 到 100，最多一位小数；缺考填“缺考”", "留空；两位小数；写“60分”；缺考填成 0", "86.5"
    ),
    Column.PRACTICE: ColumnNote(
        MUST, "0 到 100，最多一位小数；缺考填“缺考”", "留空；两位小数；写“60分”；缺考填成 0", "70"
    ),
    Column.COMMITMENT: ColumnNote(
        MUST, "填“是”：考生签署的告知承诺书已由机构存档", "留空，或填“否”：没有承诺书的不能报送", "是"
    ),
    Column.TRAINING_CERTIFICATE: ColumnNote(
        MAY,
        f"培训机构自行编制的编号，不超过 {MAX_CHARACTERS} 个字符：汉字、字母、数字和 - _ / ( )（）〔〕",
        "中间有空格；按数值填写，丢了开头的零",
        "连理工培〔2026〕0017",
    ),
    Column.TRAINING_HOURS: ColumnNote(
        MAY, f"1 到 {MAX_HOURS} 的整数", "少于该职业、该等级的标准学时；写“128学时”", "128"
    ),
    Column.ISSUED_ON: ColumnNote(
        MAY,
        "发证日期，如 2026-11-09；留空由系统填写",
        "早于考核结束日期；规定审核通过后发证的省份填了日期",
    ),
    Column.CORRECTS: ColumnNote(
        MAY, "更正已发证书时，填写该证书上印的编号", "填成别的机构的证书；按数值填写"
    ),
    Column.REASON: ColumnNote(
        "更正证书时必填",
        f"一行文字，不超过 {MOST_OF_A_REASON} 字",
        "写了原因，没有写更正证书编号",
    ),
}

# The measures are those of registry.photo, which this room does not know; a test holds them together.
PHOTO_NOTE: Final = (
    "照片不放在本工作簿中，另以 .zip 压缩包报送；报送照片的，合格考生每人一张，文件名为“序号.jpg”或“证件号码.jpg”"
    "（也可用 .png），宽高比 35:49，宽 295 至 4000、高 413 至 5600 像素，每张不超过 1 MB。"
)

GENERAL_NOTES: Final = (
    "一个文件只报送一次考核：一个机构、一个站点、一个省份、一个结束日期。",
    "有错误的，逐行列出全部错误，退回的错误表中标红；在其中改正后提交，不必重做整个文件。",
    "只填写“考核信息”和“成绩”两张表。不要改动表名和表头；不要使用公式；不要合并、隐藏、筛选单元格；不要另加工作表。",
    "从别处粘贴时请选择“粘贴数值”，以免改变单元格格式。证件号码、站点代码和各种编号须为文本格式。",
    "不合格和缺考的考生也要报送，用于统计。两科均达到 60 分为合格，缺考按不合格计。",
    PHOTO_NOTE,
    "“错误说明”一列由系统写入，报送时不读取，可以保留。",
)
