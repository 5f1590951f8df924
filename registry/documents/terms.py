"""The printed terms of the rules' codes."""

from signing.id_check import IdType
from signing.statement import Level

LEVELS = {Level.JUNIOR: "初级", Level.INTERMEDIATE: "中级", Level.SENIOR: "高级"}

ID_TYPES = {
    IdType.RESIDENT_ID: "居民身份证",
    IdType.RESIDENCE_PERMIT: "港澳台居民居住证",
    IdType.PERMANENT_RESIDENCE_ID: "外国人永久居留身份证",
    IdType.HK_MACAO_PERMIT: "港澳居民来往内地通行证",
    IdType.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    IdType.PASSPORT: "护照",
}
