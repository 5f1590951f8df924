"""The words of the workbook: sheets, headings and labels, beside the codes of the JSON form."""

from registry.assessment.content import COMMITTED, HEADER_COLUMNS, ROW_COLUMNS, Column
from registry.assessment.levels import LEVEL_CODES, LEVEL_NAMES
from registry.assessment.score import ABSENT

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EXAM_SHEET = "考核信息"
RESULTS_SHEET = "成绩"
NOTES_SHEET = "填写说明"
# What a workbook has that was sent back with its faults marked; not read.
SUMMARY_SHEET = "错误汇总"
FAULTS_HEADING = "错误说明"

HEADINGS: dict[Column, str] = {
    Column.ISSUER: "评价机构代码",
    Column.SITE: "站点代码",
    Column.PROVINCE: "考核省份代码",
    Column.EXAM_STARTED_ON: "考核开始日期",
    Column.EXAM_ENDED_ON: "考核结束日期",
    Column.LATE_REASON: "逾期报送原因",
    Column.ROW: "序号",
    Column.NAME: "姓名",
    Column.ID_TYPE: "证件类型",
    Column.ID_NUMBER: "证件号码",
    Column.OCCUPATION: "职业编码",
    Column.EDITION: "大典版本",
    Column.DIRECTION: "职业方向",
    Column.LEVEL: "等级",
    Column.THEORY: "理论成绩",
    Column.PRACTICE: "专业能力成绩",
    Column.COMMITMENT: "告知承诺",
    Column.TRAINING_CERTIFICATE: "培训合格证书编号",
    Column.TRAINING_HOURS: "培训学时",
    Column.ISSUED_ON: "发证日期",
    Column.CORRECTS: "更正证书编号",
    Column.REASON: "更正原因",
    Column.PHOTO: "照片",
}

# What may be said once for all rows, on the exam's sheet; it stands for every row that leaves its own cell empty.
COMMON_COLUMNS = (Column.OCCUPATION, Column.EDITION, Column.LEVEL)
EXAM_COLUMNS = (*HEADER_COLUMNS, *COMMON_COLUMNS)
# Photos come in an archive beside the workbook, so the sheet has no column for them.
SHEET_COLUMNS = tuple(column for column in ROW_COLUMNS if column is not Column.PHOTO)
# Columns that may be left out of the sheet altogether: files from before a column came are read as if it were empty.
OPTIONAL_HEADINGS = frozenset(
    {
        Column.LATE_REASON,
        Column.COMMITMENT,
        Column.TRAINING_CERTIFICATE,
        Column.TRAINING_HOURS,
        Column.ISSUED_ON,
        Column.CORRECTS,
        Column.REASON,
        Column.PHOTO,
    }
)
# A number typed into these loses nothing: no leading zeros, at most five digits.
NUMERIC_COLUMNS = frozenset(
    {
        Column.ROW,
        Column.EDITION,
        Column.PROVINCE,
        Column.THEORY,
        Column.PRACTICE,
        Column.TRAINING_HOURS,
    }
)
# A number, or the word for who was absent.
SCORE_COLUMNS = frozenset({Column.THEORY, Column.PRACTICE})
DATE_COLUMNS = frozenset({Column.EXAM_STARTED_ON, Column.EXAM_ENDED_ON, Column.ISSUED_ON})

ID_TYPE_LABELS = {
    "居民身份证": "resident_id",
    "港澳台居民居住证": "residence_permit",
    "港澳居民居住证": "residence_permit",
    "台湾居民居住证": "residence_permit",
    "外国人永久居留身份证": "permanent_residence_id",
    "港澳居民来往内地通行证": "hk_macao_permit",
    "台湾居民来往大陆通行证": "taiwan_permit",
    "护照": "passport",
}
LEVEL_LABELS = {LEVEL_NAMES[level]: code for level, code in LEVEL_CODES.items()}
EDITION_LABELS = {"2015版": "1", "2022版": "2"}
COMMITMENT_LABELS = {"是": COMMITTED}
SCORE_LABELS = {"缺考": ABSENT}
LABELS: dict[Column, dict[str, str]] = {
    Column.ID_TYPE: ID_TYPE_LABELS,
    Column.LEVEL: LEVEL_LABELS,
    Column.EDITION: EDITION_LABELS,
    Column.COMMITMENT: COMMITMENT_LABELS,
    Column.THEORY: SCORE_LABELS,
    Column.PRACTICE: SCORE_LABELS,
}


def written_label(column: Column, code: str) -> str:
    """Return the label that stands for a code in this column, the first if there are several, else the code."""
    return next((label for label, meant in LABELS.get(column, {}).items() if meant == code), code)
