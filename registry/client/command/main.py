"""The command ``certreg-client``: its subcommands in the order of use, and how an error reaches whoever asked.

Exit codes: 0 done; 1 refused, or there are faults, or certificates that could not be had; 2 not reached, or to be
tried again; 64 wrong use.
"""

import json
import os
import sys
from typing import Any, Final

import click

from registry.client.command.certificate_commands import certificate_commands
from registry.client.command.desk import Desk
from registry.client.command.draft_commands import draft_commands
from registry.client.command.key_commands import key
from registry.client.command.request_commands import request_commands
from registry.client.command.shown import fault_table, plain
from registry.client.command.signing_commands import signing_commands
from registry.client.command.status_commands import status_commands
from registry.client.command.usage import tell_usage
from registry.client.errors import AnswerUnusable, ClientError, InDoubt, Refused, TryAgain, WrongUse

REFUSED, LATER, WRONG_USE = 1, 2, 64
_CLOCK: Final = "本机时钟与登记系统相差超过 5 分钟：请校准时钟后重试。"
_ACCESS_KEY: Final = (
    "请核对 CERTREG_CLIENT_ACCESS_KEY；新密钥先由密钥管理员用 certreg-client key register 登记。"
)
# What a clerk can do about it here, where the register's own words are for programmers.
ADVICE: Final = {
    "too_old": _CLOCK,
    "from_the_future": _CLOCK,
    "wrong_tag": "登记系统是另一个环境：请核对 CERTREG_CLIENT_ENVIRONMENT 和 CERTREG_CLIENT_URL。",
    "unknown_key": _ACCESS_KEY,
    "key_revoked": _ACCESS_KEY,
    "key_expired": _ACCESS_KEY,
    "wrong_purpose": "请核对密钥设置：访问密钥、报送密钥、管理密钥各有用途，不能互相代替。",
}

COMMANDS: tuple[click.Command, ...] = (
    key,
    *draft_commands,
    *signing_commands,
    *status_commands,
    *certificate_commands,
    *request_commands,
)


class Answers(click.Group):
    """A group that ends with the exit codes of this command, and never with a traceback."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the command line."""
        try:
            return super().make_context(*arguments, **more)
        except click.UsageError as error:
            tell_usage(error)
            sys.exit(WRONG_USE)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            tell_usage(error)
            sys.exit(WRONG_USE)
        except ClientError as error:
            tell_error(error, as_json=ctx.obj.as_json)
            sys.exit(exit_code(error))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands in the order of use."""
        return list(self.commands)


def exit_code(error: ClientError) -> int:
    """Return the exit code of an error."""
    if isinstance(error, TryAgain | AnswerUnusable):
        return LATER
    return WRONG_USE if isinstance(error, WrongUse) else REFUSED


def tell_error(error: ClientError, *, as_json: bool) -> None:
    """Tell an error: its problem document to a program, its words and faults to a clerk."""
    if as_json:
        found = error.document if isinstance(error, Refused | InDoubt) else {}
        document = found or {"detail": str(error)}
        click.echo(json.dumps({"error": type(error).__name__, **document}, ensure_ascii=False))
        return
    click.echo(f"certreg-client: {plain(error)}", err=True)
    if isinstance(error, Refused):
        if error.code in ADVICE:
            click.echo(ADVICE[error.code], err=True)
        if error.detail and error.remedy:
            click.echo(f"（登记系统的说明：{plain(error.detail)}）", err=True)
        for line in fault_table(error.faults) if error.faults else ():
            click.echo(line, err=True)


@click.group(cls=Answers, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """评价机构客户端：检查并报送考核结果，取回证书。

    \b
    常用步骤：
      template 取空白报送表 → check 检查成绩文件（和照片） → 有错误时 correct 提交改正的行、photos 重传照片
      → preview 核对姓名 → sign 签名并报送 → status 查看进度 → certificates 取回证书
      没有错误的文件可用 submit 一次做完。

    \b
    设置（环境变量，或设置文件 ~/.config/certreg-client.toml 中的同名小写项）：
      CERTREG_CLIENT_URL                 登记系统的地址
      CERTREG_CLIENT_ENVIRONMENT         登记系统的环境，默认 production
      CERTREG_CLIENT_ACCESS_KEY          访问密钥文件
      CERTREG_CLIENT_SUBMISSION_KEY      报送密钥文件
      CERTREG_CLIENT_ADMINISTRATION_KEY  管理密钥文件（仅 key 命令）
      CERTREG_CLIENT_CA                  登记系统 TLS 证书的 CA 文件
      CERTREG_CLIENT_CERTIFICATE         TLS 客户端证书文件（登记系统要求时）
      CERTREG_CLIENT_CONFIG              另一个设置文件

    退出码：0 完成；1 被拒绝、有错误或有证书没有取到；2 无法连接或应稍后再试；64 用法不对。
    """
    ctx.obj = Desk(os.environ)


for command in COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
