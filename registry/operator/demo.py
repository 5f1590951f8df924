"""The demo: the whole road once, on a throw-away register, with the same functions that the commands call.

From two workbooks, handed in over the API, to certificates that verify offline, one revoked, one corrected.
Everybody in it is invented.
"""

import contextlib
import io
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result
from registry.certificate.lifecycle import Reason, revoke
from registry.certificate.tables import Certificate, Entry
from registry.client import Draft
from registry.holder.files import holder_files, holdings, names_of
from registry.holder.proofs import HolderProofs
from registry.log.files import LogFiles
from registry.operator import ceremony
from registry.operator.demo_bodies import Bureau, Town, town
from registry.operator.demo_candidates import DemoBody, DemoRow, first_hand_in, mended
from registry.operator.demo_cast import Cast, Hand, custodian_media, engage, root_media
from registry.operator.demo_photos import write_photos
from registry.operator.demo_workbooks import Workbooks
from registry.operator.desk import Desk
from registry.operator.founding import found_register
from registry.operator.log_keeping import open_log, show_in_log
from registry.operator.progress import progress, unseen
from registry.operator.public_tree import publish
from registry.operator.submission_commands import sign_and_decide, sign_and_submit
from registry.operator.work import issue, prepare
from signing.evidence import Step
from signing.link import qr_text
from signing.offline.command import main as certverify
from signing.offline.language import Language
from signing.offline.sentences import VERDICTS
from signing.verdict import Verdict

RARE_NAME = "张䶮"
CORRECTED_NAME = "张䶮𬭸"
# The one whose candidates have photos.
WITH_PHOTOS = DemoBody.INSTITUTE_OF_ELECTRONICS


class Demo:
    """One run of the demo; each method is a step and tells what it did."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.folder = folder
        self.workbooks = Workbooks(folder / "workbooks", desk)
        self.example = ""
        self.issuers: list[str] = []
        self._step = 0

    def run(self, start_signer: Callable[[], int]) -> None:
        """Play all steps; ``start_signer`` starts the signer's program and returns its process id."""
        started = time.monotonic()
        cast = self._found(start_signer)
        with town(self.desk, self.bodies) as place:
            submissions = [self._hand_in(place, hand) for hand in cast.hands]
        self._review(cast, submissions)
        self._issue(entered=sum(len(mended(hand.body)) for hand in cast.hands))
        numbers = self._make_files()
        self.example = numbers[0]
        self._verify(self.example)
        self._revoke(numbers[1])
        self._correct(cast, self._number_of(RARE_NAME))
        click.echo(f"\n全程 {time.monotonic() - started:.1f} 秒。")

    def _found(self, start_signer: Callable[[], int]) -> Cast:
        with self._told("建立登记系统"):
            found_register(self.desk, registrar="登记员（虚构）")
            media = root_media(self.desk, self.folder / "root-media")
            founded = ceremony.found_keys(
                self.desk.installation,
                self.desk.custody,
                self.desk.actor,
                media,
                custodian_media(self.desk, self.folder / "custodian-media"),
                now=self.desk.now(),
            )
            cast = engage(self.desk, self.folder)
            key = next(key for key in founded.trust.keys.values() if key.last_entry)
            self._tell(
                "根密钥 3 把（2 把共同签署），保管人密钥 2 把，"
                f"签发密钥 {key.key_id.hex()}，登记序号 1–{key.last_entry}"
            )
            self._tell(
                f"签名程序已启动（进程 {start_signer()}）：只持签发密钥，不读数据库，凭三级签署的决定签名"
            )
            self._tell("机构代码、站点、目录有效期和编号规则为假定数据，在工作人员页面“目录”中标明")
        return cast

    def _hand_in(self, place: Town, hand: Hand) -> UUID:
        """Let a body hand in over the API: check, mend what was wrong, look, sign, receive the number."""
        with self._told(f"报送考核结果：{hand.body}（{hand.issuer}），经接口"):
            bureau = place.settle(hand)
            self._tell(f"密钥管理员经接口登记本机构的{bureau.key_ids()}，在 {bureau.folder}/")
            first, right = first_hand_in(hand.body), mended(hand.body)
            self.issuers.append(hand.issuer)
            self.workbooks.write_to_try(hand, right, bureau.folder)
            path = self.workbooks.write(hand, first, "第一次")
            photos = self._photos(path, right) if hand.body == WITH_PHOTOS else None
            draft = bureau.client.check(path, photos=photos)
            self._tell(f"{path.name}：草稿 {str(draft.id)[:8]}…，{draft.rows} 行，{draft.faults} 处错误")
            if draft.status == "faulty":
                draft = self._mend(bureau, draft, [row for row in right if row not in first])
            submission_id = bureau.sign(draft)
            counts = draft.statistics or {}
            self._tell(
                f"已签名报送：参加 {counts['entered']}，合格 {counts['passed']}，不合格 {counts['failed']}"
            )
            self._check_ids(counts["entered"])
        return submission_id

    def _photos(self, path: Path, rows: Sequence[DemoRow]) -> Path:
        archive = path.with_name(f"{path.stem}-照片.zip")
        write_photos(archive, [row.row for row in rows])
        self._tell(f"{archive.name}：{len(rows)} 张照片（画出来的，不是真人）")
        return archive

    def _mend(self, bureau: Bureau, draft: Draft, right: Sequence[DemoRow]) -> Draft:
        """Hand in the mended rows alone."""
        for fault in bureau.client.drafts.faults(draft.id):
            row = f"第 {fault['row']} 行" if fault["row"] else "整份"
            self._tell(f"  · {row}“{fault['column']}”：{fault['message']}。{fault['remedy']}。")
        path = self.workbooks.write(bureau.hand, right, "改正的行")
        bureau.client.drafts.correct(draft.id, path)
        draft = bureau.client.drafts.wait(draft.id)
        self._tell(f"{path.name}：只交改正的 {len(right)} 行，再次检查：{draft.faults} 处错误")
        return draft

    def _check_ids(self, entered: int) -> None:
        with progress("   计算证件校验值", entered) as advance:
            prepare(self.desk.installation, self.desk.custody, now=self.desk.now(), progress=advance)
        self._tell(f"已计算 {entered} 人的证件校验值（每人 10 万轮 PBKDF2）")

    def _review(self, cast: Cast, submissions: list[UUID]) -> None:
        with self._told("三级审核：省级、中心、办公室，审核人各以本人密钥签署"):
            for submission in submissions:
                done = [sign_and_decide(self.desk, submission, cast.reviewers[step].key, {}) for step in Step]
                self._tell(f"报送 {str(submission)[:8]}…：三级均确认 {done[-1].confirmed} 行，已通过")

    def _issue(self, *, entered: int) -> None:
        with self._told("编号、签名、发布"):
            with progress("   证书", 3 * entered) as advance:
                now = self.desk.now
                done = issue(
                    self.desk.installation, self.desk.custody, self.desk.actor, now=now, progress=advance
                )
                status = publish(self.desk.installation, self.desk.custody, now=self.desk.now())
            self._tell(f"已编号 {done.numbered}，已签名 {done.signed}，已发布 {done.released}")
            self._tell(f"{entered - done.numbered} 人不合格，没有编号，也没有证书")
            self._tell(f"状态文件覆盖登记序号 1–{status.size}")
            self._tell_log()

    def _tell_log(self) -> None:
        """Say how far the public log goes, and whose word that is."""
        log = open_log(self.desk.installation, self.desk.custody, now=self.desk.now)
        data = None if log is None else log.files.checkpoint()
        if log is None or data is None:
            return
        checkpoint = log.policy.open(data)
        names = "、".join(sorted(checkpoint.cosigned_at))
        self._tell(f"公开日志 {checkpoint.head.size} 条，见证人 {names} 已签（本机的见证人只能防差错）")

    def _proofs(self) -> HolderProofs | None:
        return HolderProofs.of_log(self.desk.custody.trust, LogFiles(self.desk.settings.public_dir))

    def _make_files(self) -> list[str]:
        installation = self.desk.installation
        numbers = list(installation.sessions.read(holdings).numbers)
        names, trust, proofs = names_of(installation), self.desk.custody.trust, self._proofs()
        with self._told("制作证书文件：令牌、二维码（SVG、PNG）、PDF、公开日志证明"):
            with progress("   文件", len(numbers)) as advance:
                for number in numbers:
                    holder_files(installation, names, trust, number, proofs=proofs).write(self.certificates)
                    advance(1)
            self._tell(f"{len(numbers)} 份，在 {self.certificates}/证书编号/")
        return numbers

    def _verify(self, number: str) -> None:
        with self._told("离线核验一份 PDF：certverify，不用网络"):
            link = self.link(number)
            self._tell(f"二维码内容 {link[:42]}…，其中令牌 {len(self.token(number))} 字节")
            for line in self._certverify(self.certificates / number / "certificate.pdf").splitlines():
                self._tell(f"│ {line}".rstrip())

    def _revoke(self, number: str) -> None:
        with self._told("撤销一份证书"):
            before, now = self.verdict(number), self.desk.now()
            self.desk.installation.sessions.run(
                lambda session: revoke(session, self.desk.actor, number, Reason.FALSE_DECLARATION, now=now)
            )
            publish(self.desk.installation, self.desk.custody, now=self.desk.now())
            show_in_log(self.desk.installation, self.desk.custody, now=self.desk.now)
            self._tell(f"{number}：{before}  →  {self.verdict(number)}")

    def _correct(self, cast: Cast, number: str) -> None:
        with self._told("更正一份证书：编号不变，新版本取代旧版本"):
            old = (self.certificates / number / "token.cbor").rename(
                self.certificates / number / "token-v1.cbor"
            )
            hand, row = next(
                (hand, row) for hand in cast.hands for row in mended(hand.body) if row.name == RARE_NAME
            )
            changed = {"row": 1, "name": CORRECTED_NAME, "corrects": number, "reason": "姓名录入有误"}
            path = self.workbooks.write_rows(hand, [asdict(row) | changed], "更正")
            receipt = sign_and_submit(self.desk, path, hand.office.key, issuer=hand.issuer)
            prepare(self.desk.installation, self.desk.custody, now=self.desk.now(), progress=unseen)
            for step in Step:
                sign_and_decide(self.desk, receipt.submission_id, cast.reviewers[step].key, {})
            now = self.desk.now
            issue(self.desk.installation, self.desk.custody, self.desk.actor, now=now, progress=unseen)
            publish(self.desk.installation, self.desk.custody, now=self.desk.now())
            holder_files(
                self.desk.installation,
                names_of(self.desk.installation),
                self.desk.custody.trust,
                number,
                proofs=self._proofs(),
            ).write(self.certificates)
            self._tell(f"{number} 第 1 版（{RARE_NAME}）：{self._verdict_of(old)}")
            self._tell(f"{number} 第 2 版（{CORRECTED_NAME}）：{self.verdict(number)}")

    @property
    def bodies(self) -> Path:
        """Where the bodies keep their keys, each in a folder of its own."""
        return self.folder / "bodies"

    @property
    def certificates(self) -> Path:
        """Where the holders' files lie."""
        return self.folder / "certificates"

    def token(self, number: str) -> bytes:
        """Return a certificate's token as it lies in its folder."""
        return (self.certificates / number / "token.cbor").read_bytes()

    def link(self, number: str) -> str:
        """Return the text of a certificate's QR."""
        return qr_text(self.desk.settings.qr_prefix, self.token(number))

    def verdict(self, number: str) -> str:
        """Return what ``certverify`` says of a certificate: the words, and the code that programs read."""
        return self._verdict_of(self.certificates / number / "token.cbor")

    def _verdict_of(self, path: Path) -> str:
        verdict = Verdict(json.loads(self._certverify(path, "--json"))["verdict"])
        return f"{VERDICTS[verdict].in_(Language.ZH)}（{verdict}）"

    def _certverify(self, path: Path, *options: str) -> str:
        settings = self.desk.settings
        trusted = ["--public", str(settings.public_dir), "--root", str(settings.root_file)]
        spoken = io.StringIO()
        with contextlib.redirect_stdout(spoken):
            certverify([str(path), *trusted, "--language", "zh", *options])
        return spoken.getvalue()

    def _number_of(self, holder_name: str) -> str:
        def query(session: Session) -> str:
            found = select(Certificate.number).join(Entry).join(Result, Result.id == Entry.result_id)
            return session.scalars(found.where(Result.holder_name == holder_name)).one()

        return self.desk.installation.sessions.read(query)

    @contextmanager
    def _told(self, title: str) -> Iterator[None]:
        self._step += 1
        click.secho(f"\n{self._step}. {title}", bold=True)
        started = time.monotonic()
        yield
        self._tell(click.style(f"用时 {time.monotonic() - started:.1f} 秒", dim=True))

    def _tell(self, line: str) -> None:
        click.echo(f"   {line}")
