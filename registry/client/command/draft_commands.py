"""Up to the signature: the template, handing in a file to be checked, correcting it, its photos, its preview."""

import sys
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import click

from registry.client.command.desk import Desk, json_option
from registry.client.command.private_files import write_beside, write_private
from registry.client.command.shown import draft_line, fault_table, statistics_lines
from registry.client.command.usage import ExistingFile
from registry.client.door import Document
from registry.client.drafts import Draft
from registry.client.errors import Refused, WrongUse

LEVELS = {"junior": "初级", "intermediate": "中级", "senior": "高级"}
FILE = ExistingFile()
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
REFUSED = 1


@click.command()
@click.argument("file", type=NEW_FILE)
@click.option("--occupation", metavar="CODE", help="职业编码，如 2-02-10-11；不写时列出本机构可选的职业。")
@click.option(
    "--level",
    required=True,
    type=click.Choice(list(LEVELS)),
    help="等级：初级、中级、高级。",
)
@click.option("--edition", type=click.IntRange(1), help="职业目录的版次；只有一个时不必填写。")
@json_option
@click.pass_obj
def template(desk: Desk, file: Path, occupation: str | None, level: str, edition: int | None) -> None:
    """取空白报送表，写入 FILE（.xlsx）。"""
    if file.suffix.lower() != ".xlsx":
        raise WrongUse("报送表的文件名以 .xlsx 结尾")
    client = desk.client
    chosen = _listed(client.listings(), occupation, edition)
    content = client.drafts.template(chosen["edition"], chosen["occupation"], level)
    write_private(file, content)
    desk.tell(
        {"file": str(file)}, [f"{file}：填写“考核信息”和“成绩”两张表，再用 certreg-client check {file} 检查"]
    )


@click.command()
@click.argument("file", type=FILE)
@click.option("--photos", type=FILE, help="照片压缩包（.zip）。")
@click.option("--replaces", type=click.UUID, help="要取代的报送的编号。")
@json_option
@click.pass_obj
def check(desk: Desk, file: Path, photos: Path | None, replaces: UUID | None) -> None:
    """提交成绩文件 FILE 供检查，并列出错误；不会报送。同一文件再次提交，仍是同一份草稿，已有的更正和照片保留。"""
    report(desk, checked(desk, file, photos, replaces), beside=file)


@click.command()
@click.argument("draft", type=click.UUID)
@click.argument("file", type=FILE)
@json_option
@click.pass_obj
def correct(desk: Desk, draft: UUID, file: Path) -> None:
    """把改正后的行（FILE：错误表，或只含这些行的 JSON）并入草稿 DRAFT，重新检查。"""
    desk.client.drafts.correct(draft, file)
    report(desk, waited(desk, draft), beside=file)


@click.command()
@click.argument("draft", type=click.UUID)
@click.argument("archive", type=FILE)
@click.option("--replace", is_flag=True, help="先删除草稿中已有的照片。")
@json_option
@click.pass_obj
def photos(desk: Desk, draft: UUID, archive: Path, replace: bool) -> None:
    """上传照片压缩包 ARCHIVE（.zip）到草稿 DRAFT；中断后再次运行，只发送缺少的部分。"""
    drafts = desk.client.drafts
    if replace:
        drafts.drop_photos(draft)
    with desk.meter() as meter:
        drafts.put_photos(draft, archive, meter.parts)
    report(desk, waited(desk, draft), beside=archive)


@click.command()
@click.argument("draft", type=click.UUID)
@click.option("--to", "file", type=NEW_FILE, help="保存到此文件，默认 草稿-编号-预览.html。")
@click.option("--open/--no-open", "shown", default=None, help="是否用浏览器打开，默认仅在终端上打开。")
@json_option
@click.pass_obj
def preview(desk: Desk, draft: UUID, file: Path | None, shown: bool | None) -> None:
    """保存并打开草稿 DRAFT 的预览页；签名前请逐人核对姓名。页面含个人信息，看完请删除。"""
    page = desk.client.drafts.preview(draft)
    place = (
        write_beside(Path(f"草稿-{draft}"), "预览", ".html", page)
        if file is None
        else write_private(file, page)
    )
    if sys.stdout.isatty() if shown is None else shown:
        webbrowser.open(place.resolve().as_uri())
    desk.tell({"file": str(place)}, [f"预览页：{place}（含个人信息，看完请删除）"])


@click.command()
@click.argument("draft", type=click.UUID)
@click.option("--yes", is_flag=True, help="不再询问。")
@json_option
@click.pass_obj
def discard(desk: Desk, draft: UUID, yes: bool) -> None:
    """丢弃草稿 DRAFT 及其中的全部内容。"""
    if not yes:
        click.confirm(f"丢弃草稿 {draft}，不能恢复。确定吗？", abort=True, err=True)
    desk.client.drafts.discard(draft)
    desk.tell({"id": str(draft), "status": "discarded"}, [f"已丢弃草稿 {draft}"])


def _listed(listings: Sequence[Document], occupation: str | None, edition: int | None) -> Document:
    """Return the one listing that is meant, or raise ``WrongUse`` that names all that there are."""
    found = {
        each["edition"]: each
        for each in listings
        if each.get("occupation") == occupation and edition in (None, each.get("edition"))
    }
    if len(found) == 1:
        return next(iter(found.values()))
    what = "请用 --occupation 写明职业" if occupation is None else f"目录中没有本机构的 {occupation}"
    if len(found) > 1:
        what = f"{occupation} 有几个版次，请用 --edition 写明"
    known = {f"{each.get('occupation')}（版次 {each.get('edition')}）" for each in listings}
    raise WrongUse(f"{what}。可选：{'、'.join(sorted(known)) or '无'}")


def checked(desk: Desk, file: Path, archive: Path | None, replaces: UUID | None) -> Draft:
    """Hand in a file and its photos, and wait for the check; say so if its draft was worked on before."""

    def opened(draft: Draft) -> None:
        if draft.revision > 1:
            desk.note(
                f"此文件已有草稿 {draft.id}（第 {draft.revision} 版）：先前提交的更正和照片仍然有效；"
                "要从头开始，请先用 discard 丢弃"
            )

    with desk.meter() as meter:
        return desk.client.check(
            file, photos=archive, replaces=replaces, progress=meter.parts, opened=opened, watch=meter.draft
        )


def waited(desk: Desk, draft_id: UUID) -> Draft:
    """Wait until no worker is at a draft."""
    with desk.meter() as meter:
        return desk.client.drafts.wait(draft_id, meter.draft)


def report(desk: Desk, draft: Draft, *, beside: Path) -> None:
    """Tell what came of a check; of one with faults, list them, write the workbook, and end with exit code 1."""
    if draft.status != "faulty":
        counts = statistics_lines(draft.statistics) if draft.statistics else []
        following = [f"下一步：certreg-client preview {draft.id}，再 certreg-client sign {draft.id}"]
        desk.tell(
            draft.document, [draft_line(draft), *counts, *(following if draft.status == "ready" else [])]
        )
        return
    faults = list(desk.client.drafts.faults(draft.id))
    # Of a file that could not be read, and for photos, there is no cell to mend.
    mendable = draft.rows > 0 and not all(map(_of_a_photo, faults))
    workbook = _workbook(desk, draft, beside) if mendable else None
    document = {**draft.document, "found": faults, "workbook": None if workbook is None else str(workbook)}
    desk.tell(document, [draft_line(draft), *fault_table(faults), *_remedies(draft, faults, workbook)])
    sys.exit(REFUSED)


def _remedies(draft: Draft, faults: Sequence[Document], workbook: Path | None) -> Iterator[str]:
    """Tell by which command each kind of fault is mended."""
    if workbook is not None:
        yield f"错误表：{workbook}。改正标红的单元格，再 certreg-client correct {draft.id} {workbook}"
    if any(map(_of_a_photo, faults)):
        yield f"照片：改好压缩包，再 certreg-client photos {draft.id} 压缩包.zip --replace"
    if workbook is None and not all(map(_of_a_photo, faults)):
        yield "改正文件后，再次 certreg-client check"


def _of_a_photo(fault: Document) -> bool:
    return bool(fault.get("column") in ("照片", "photo"))


def _workbook(desk: Desk, draft: Draft, beside: Path) -> Path | None:
    try:
        content = desk.client.drafts.error_workbook(draft.id)
    except Refused as refused:
        # A file that could not be read has none, and not every register makes one.
        desk.note(f"没有错误表：{refused.title}")
        return None
    return write_beside(beside, "错误", ".xlsx", content)


draft_commands = (template, check, correct, photos, preview, discard)
