"""Wrong use of the command line in the clerk's words: click has its own in English alone."""

from pathlib import Path
from typing import Any

import click
from click.exceptions import BadOptionUsage, MissingParameter, NoArgsIsHelpError, NoSuchCommand, NoSuchOption


class ExistingFile(click.ParamType[Path]):
    """A file that is there: a folder, or a name that nothing has, is told apart."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path."""
        path = Path(str(value))
        try:
            is_folder, is_there = path.is_dir(), path.is_file()
        except OSError as fault:
            # A folder on the way that lets nobody in, or a name that no file can have.
            self.fail(f"{path} 无法读取：{fault.strerror}", param, ctx)
        if is_folder:
            self.fail(f"{path} 是文件夹；请写明其中的文件", param, ctx)
        if not is_there:
            self.fail(f"没有文件 {path}；请核对文件名与当前文件夹", param, ctx)
        return path


def tell_usage(error: click.UsageError) -> None:
    """Tell what is wrong with a command line, and where its help is; to one that asks for nothing, the help."""
    if isinstance(error, NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    click.echo(f"certreg-client: {usage_text(error)}", err=True)
    if error.ctx is not None:
        click.echo(f"用法见 {error.ctx.command_path} --help", err=True)


def usage_text(error: click.UsageError) -> str:
    """Return what is wrong, in Chinese; what has no words of ours, as click says it."""
    match error:
        case MissingParameter():
            return f"缺少{_named(error.param)}"
        case NoSuchCommand():
            return "没有这个命令"
        case NoSuchOption():
            near = f"；是否要用 {'、'.join(error.possibilities)}" if error.possibilities else ""
            return f"没有选项 {error.option_name}{near}"
        case BadOptionUsage():
            return f"选项 {error.option_name} 后缺少内容，或多了内容"
        case click.BadParameter():
            return _bad_parameter(error)
    return error.format_message()


def _bad_parameter(error: click.BadParameter) -> str:
    kind = None if error.param is None else error.param.type
    match kind:
        case ExistingFile():
            return error.message
        case click.types.UUIDParameterType():
            return f"{_named(error.param)} 应为编号，形如 0190c0de-0000-7000-8000-00000000abcd"
        case click.Choice():
            return f"{_named(error.param)} 应为其中之一：{'、'.join(kind.choices)}"
        case click.DateTime():
            return f"{_named(error.param)} 应为日期，如 2026-11-28"
    return f"{_named(error.param)}：{error.message}"


def _named(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return "参数"
    if isinstance(parameter, click.Option):
        return f"选项 {max(parameter.opts, key=len)}"
    return f"参数 {parameter.human_readable_name}"
