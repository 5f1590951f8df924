"""Every problem that the API can answer with, by its code: what it is called, and what to do.

The code is part of the API: it stays what it is when a class here is renamed, and ``type`` of a problem document leads
to its line on the page of this list. A test holds that there is no refusal without a line.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

PAGE: Final = "/v1/docs/problems"


@dataclass(frozen=True, slots=True)
class Listed:
    """One kind of problem; ``title`` and ``remedy`` are for people."""

    status: HTTPStatus
    title: str
    remedy: str


S = HTTPStatus
PROBLEMS: Final[dict[str, Listed]] = {
    # The signature of the request.
    "signature_missing": Listed(
        S.UNAUTHORIZED, "请求没有签名", "按 RFC 9421 签名，附 Signature-Input 与 Signature。"
    ),
    "signature_malformed": Listed(
        S.UNAUTHORIZED, "请求签名无法读取", "detail 写明哪个参数或部件有误，改正后重新签名。"
    ),
    "two_signatures": Listed(S.UNAUTHORIZED, "请求有多个签名", "每个请求只带一个签名。"),
    "wrong_tag": Listed(
        S.UNAUTHORIZED, "签名的 tag 不是本接口", "tag 写成 certreg-api/环境名；检查是否连错了环境。"
    ),
    "component_missing": Listed(
        S.UNAUTHORIZED, "签名没有覆盖必需的部件", "missing 列出缺少的部件，一并签名。"
    ),
    "too_old": Listed(S.UNAUTHORIZED, "签名时间过早", "每次发送前重新签名；校准时钟。"),
    "from_the_future": Listed(S.UNAUTHORIZED, "签名时间在将来", "校准时钟。"),
    "expired": Listed(S.UNAUTHORIZED, "签名已过其 expires", "重新签名。"),
    "unknown_key": Listed(S.UNAUTHORIZED, "没有登记此访问密钥", "核对 keyid；由机构密钥管理员登记密钥。"),
    "signature_invalid": Listed(
        S.UNAUTHORIZED,
        "签名验证不通过",
        "与 signature_base_sha256 比较：相同则密钥不对，不同则逐行核对。",
    ),
    "wrong_purpose": Listed(S.FORBIDDEN, "密钥用途不符", "报送与查询用访问密钥，密钥管理用管理密钥。"),
    "key_revoked": Listed(S.UNAUTHORIZED, "密钥已吊销", "换用有效的密钥。"),
    "key_expired": Listed(S.UNAUTHORIZED, "密钥不在有效期内", "换用有效的密钥。"),
    "no_body": Listed(S.UNAUTHORIZED, "账户不属于唯一的评价机构", "请登记机构核对账户的角色。"),
    "replayed": Listed(S.UNAUTHORIZED, "此请求已经收到过", "每次尝试都用新的 nonce 重新签名。"),
    "digest_mismatch": Listed(S.UNAUTHORIZED, "内容与摘要不符", "Content-Digest 按实际发送的字节计算。"),
    # Who may do what.
    "not_permitted": Listed(S.FORBIDDEN, "无权进行此操作", "请机构的密钥管理员或登记机构核对账户的角色。"),
    "unknown_body": Listed(S.FORBIDDEN, "目录中没有此机构", "请登记机构核对机构代码。"),
    "not_there": Listed(S.NOT_FOUND, "没有此对象", "核对编号；只能看到本机构的对象。"),
    # Limits and repetition.
    "too_many_requests": Listed(S.TOO_MANY_REQUESTS, "请求过多", "按 Retry-After 等待后再发。"),
    "too_many_at_once": Listed(
        S.TOO_MANY_REQUESTS, "此类答复正在发送中", "等本机构的上一份收完，或按 Retry-After 等待后再发。"
    ),
    "bad_idempotency_key": Listed(
        S.BAD_REQUEST, "Idempotency-Key 无法读取", "写成带引号的 8 至 128 个字符。"
    ),
    "idempotency_conflict": Listed(
        S.CONFLICT, "Idempotency-Key 已用于另一请求", "新的操作用新的键；只有完全相同的请求才可重复原来的键。"
    ),
    "idempotency_in_progress": Listed(S.CONFLICT, "同一请求正在处理", "按 Retry-After 等待后再发同一请求。"),
    # Handing in.
    "submission_refused": Listed(
        S.UNPROCESSABLE_ENTITY, "报送有误，未收", "faults 列出每一行每一处错误及改正办法；改正后重新报送。"
    ),
    "unsupported_media_type": Listed(
        S.UNSUPPORTED_MEDIA_TYPE, "不支持的文件类型", "按接口说明选用文件类型，不要压缩。"
    ),
    "submission_not_signed": Listed(
        S.UNAUTHORIZED, "报送没有有效的机构签名", "用报送密钥对文件摘要签名（docs/formats.md 第 9 节）。"
    ),
    "signed_by_another_body": Listed(
        S.FORBIDDEN, "报送签名属于另一机构", "访问密钥与报送密钥须属于同一机构。"
    ),
    "unknown_submission_key": Listed(S.UNAUTHORIZED, "没有登记此报送密钥", "由机构密钥管理员登记报送密钥。"),
    "submission_key_not_valid": Listed(S.UNAUTHORIZED, "报送密钥无效", "换用有效的报送密钥。"),
    # Drafts.
    "nothing_to_replace": Listed(
        S.UNPROCESSABLE_ENTITY, "没有要取代的报送", "核对 replaces；只能取代本机构的报送。"
    ),
    "not_now": Listed(S.CONFLICT, "草稿当前状态不允许此操作", "读取草稿的状态再决定。"),
    "draft_full": Listed(
        S.CONFLICT,
        "此草稿的更正或照片压缩包已达上限",
        "重新提交改好的整个成绩文件，或删去照片后用较少的压缩包上传。",
    ),
    "quota_reached": Listed(S.CONFLICT, "草稿数量或大小已达上限", "先报送或删除一些草稿。"),
    "file_empty": Listed(S.UNPROCESSABLE_ENTITY, "文件为空", "检查发送的文件，重新发送。"),
    "file_too_large": Listed(S.REQUEST_ENTITY_TOO_LARGE, "文件过大", "detail 写明允许的大小；分成几份。"),
    "part_misplaced": Listed(
        S.UNPROCESSABLE_ENTITY, "分块的序号或大小有误", "按 part_bytes 切分，从 0 编号。"
    ),
    "part_differs": Listed(S.CONFLICT, "此分块已收到，内容不同", "文件在发送中改变了：删除照片后重新开始。"),
    "photos_damaged": Listed(S.UNPROCESSABLE_ENTITY, "各分块合起来与声明的摘要不符", "重新发送全部分块。"),
    "photos_incomplete": Listed(S.CONFLICT, "照片还没有传完", "发完缺少的分块，或删除照片，再签名。"),
    "bad_cursor": Listed(S.BAD_REQUEST, "cursor 无效", "原样使用上一页的 next，或从头开始。"),
    # What a body asks of its own.
    "reason_refused": Listed(
        S.UNPROCESSABLE_ENTITY, "原因不能保存", "detail 写明有何不妥；写成一行，不写姓名和证件号码。"
    ),
    "too_late_to_withdraw": Listed(S.CONFLICT, "报送已有审核决定，不能撤回", "detail 写明现在该找谁。"),
    "withdrawn_before": Listed(
        S.CONFLICT, "同一文件曾报送并撤回", "新建报送草稿，在 replaces 中写明原报送编号。"
    ),
    "asked_already": Listed(S.CONFLICT, "已有同类申请待处理", "等待其结果，或先撤回该申请。"),
    "nothing_to_ask": Listed(S.CONFLICT, "证书的状态不允许此申请", "读取证书的状态再决定。"),
    "request_ended": Listed(S.CONFLICT, "申请已办结", "读取申请的结果；如有需要，另行申请。"),
    "not_in_force": Listed(S.CONFLICT, "证书当前不是有效状态", "只有有效证书才有文件；读取证书的状态。"),
    "nothing_to_make": Listed(S.CONFLICT, "证书恢复后缺少制作文件的内容", "请联系登记机构。"),
    "token_unusable": Listed(S.CONFLICT, "证书的签名现在不能通过验证", "请联系登记机构。"),
    "glyph_missing": Listed(S.CONFLICT, "字库中缺少姓名的某个字", "请联系登记机构补充字库。"),
    "trust_missing": Listed(
        S.SERVICE_UNAVAILABLE, "登记系统的信任文件暂不可用", "按 Retry-After 等待后再取。"
    ),
    # Keys.
    "key_refused": Listed(S.UNPROCESSABLE_ENTITY, "密钥不能登记", "detail 写明原因。"),
    "possession_not_shown": Listed(
        S.UNPROCESSABLE_ENTITY, "没有证明持有私钥", "用新密钥对 detail 中的字节签名。"
    ),
    "key_already_enrolled": Listed(S.CONFLICT, "密钥已登记", "生成新的密钥。"),
    "last_administration_key": Listed(
        S.CONFLICT, "这是最后一把管理密钥", "先登记另一把，或以 confirm_last=true 确认。"
    ),
    # The register and the request itself.
    "register_busy": Listed(S.SERVICE_UNAVAILABLE, "系统忙", "按 Retry-After 等待后再发同一请求。"),
    "register_outdated": Listed(
        S.SERVICE_UNAVAILABLE, "登记系统正在恢复", "按 Retry-After 等待；由登记机构处理。"
    ),
    "commit_unknown": Listed(
        S.SERVICE_UNAVAILABLE,
        "不知是否已存",
        "用同一 Idempotency-Key 再发同一请求，不会重复生效；没有此首部的，先查询状态。",
    ),
    "storage_fault": Listed(S.SERVICE_UNAVAILABLE, "存储故障", "按 Retry-After 等待后再发同一请求。"),
    "bad_request": Listed(S.BAD_REQUEST, "请求无法读取", "核对 JSON、Host、长度与首部。"),
    "not_found": Listed(S.NOT_FOUND, "没有此地址", "接口说明在 /v1/docs/。"),
    "method_not_allowed": Listed(S.METHOD_NOT_ALLOWED, "此地址不支持该方法", "首部 Allow 列出可用的方法。"),
    "content_too_large": Listed(
        S.REQUEST_ENTITY_TOO_LARGE, "内容过大", "detail 写明上限；成绩分成几份报送，照片分块上传。"
    ),
    "unprocessable": Listed(S.UNPROCESSABLE_ENTITY, "内容的成员有误", "errors 按成员列出。"),
    "internal_error": Listed(
        S.INTERNAL_SERVER_ERROR, "系统故障", "不知是否已存：先查询状态，再决定是否重发；由登记机构处理。"
    ),
}
