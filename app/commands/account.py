"""``duijie account``: who may log in to the dashboard, with which rights."""

from __future__ import annotations

import getpass
import sys
from dataclasses import replace
from datetime import date

import click

from app.accounts.account import Account, region_code
from app.accounts.book import account_of, accounts, add_account, change_rights, set_locked, set_password, unlink
from app.accounts.file import AccountsFile
from app.dashboard.roles import ROLES
from app.options import new_store_option, say
from data.problem import DuijieError
from data.reference.regions import regions
from data.reference.vocabularies import vocabulary
from data.store import Store
from matcher.channel import channels

inst_option = click.option(
    "--inst", "institutions", multiple=True, metavar="ID", help="机构编号，可重复 / institution id"
)
project_option = click.option(
    "--project", "projects", multiple=True, metavar="ID", help="项目编号，可重复 / project id"
)
region_option = click.option("--region", metavar="NAME", help="主办方的地区，如 江苏省苏州市 / region of an organizer")
mail_option = click.option("--mail", metavar="MAIL", help="统一认证的邮箱 / mail that a provider verifies")


def require_stored(path: str, account: Account) -> None:
    """Refuse institutions and projects that the store does not have, and institutions that the role is not for.

    Where there is no store yet, nothing can be said of an id.

    Raises
    ------
    DuijieError
        ``institution.unknown``, ``project.unknown``, ``account.kind``.
    """
    store = Store(path)
    if not store.exists or account.role not in ROLES:
        return
    bound = (("institution", "机构", account.institutions), ("project", "项目", account.projects))
    for name, zh, ids in bound:
        known = set(store.current(f"{name}s").column(f"{name}_id").to_pylist()) if ids else set()
        unknown = next((one for one in ids if one not in known), None)
        if unknown is not None:
            raise DuijieError(f"{name}.unknown", f"没有这个{zh} / no {name} {unknown!r}", f"duijie export {name}s")
    channel = ROLES[account.role].channel
    if not channel or channel == "challenge" or not account.institutions:  # any institution may publish a need
        return
    supply = set(channels()[channel].supply(store.view(date.max, texts=False)).column("institution_id").to_pylist())
    other = next((one for one in account.institutions if one not in supply), None)
    if other is not None:
        word = vocabulary("channels").label(channel)
        message = f"{other} 不在{word}渠道，不适合身份 {account.role} / is no institution of {channel}"
        raise DuijieError("account.kind", message, "看其类型 / look at its kind: duijie export institutions")


@click.group("account")
def COMMAND() -> None:
    """账号。Accounts of the dashboard; as soon as there is one, everybody logs in.

    A password is asked for on the terminal, or read from standard input (one line): it never stands in a command line.
    """


@COMMAND.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@inst_option
@project_option
@region_option
@mail_option
@click.option("--no-password", is_flag=True, help="只由统一认证登录 / a provider logs in, needs --mail")
@new_store_option
def add(
    name: str,
    role: str,
    institutions: tuple[str, ...],
    projects: tuple[str, ...],
    region: str | None,
    mail: str | None,
    no_password: bool,
    store: str,
) -> None:
    """新建账号。Make an account: institutions with --inst, project owners with --project."""
    account = Account(name, role, institutions, projects, region_code(region or ""), mail or "")
    require_stored(store, account)
    password = None if no_password else ask_password()
    add_account(AccountsFile.beside(store), account, password, actor=getpass.getuser())
    say(f"{name}: {role}")


@COMMAND.command("list")
@new_store_option
def list_(store: str) -> None:
    """列出账号。List the accounts: name, role, what it is bound to, state."""
    for one in accounts(AccountsFile.beside(store)):
        region = regions().label(one.region) if one.region else ""
        bound = ",".join((*one.institutions, *one.projects)) or region or "-"
        click.echo("\t".join([one.name, one.role, bound, one.mail or "-", "locked" if one.locked else "open"]))


@COMMAND.command("scope")
@click.argument("name")
@click.option("--role", type=click.Choice(list(ROLES)), help="另一身份 / another role")
@inst_option
@project_option
@region_option
@mail_option
@new_store_option
def scope(
    name: str,
    role: str | None,
    institutions: tuple[str, ...],
    projects: tuple[str, ...],
    region: str | None,
    mail: str | None,
    store: str,
) -> None:
    """更改权限。Change role, institutions, projects, region or mail; what is not named stays. Sessions end."""
    file = AccountsFile.beside(store)
    account = account_of(file, name)
    if role and role != account.role:
        account = replace(account, role=role, institutions=(), projects=(), region="")
    account = replace(
        account,
        institutions=institutions or account.institutions,
        projects=projects or account.projects,
        region=account.region if region is None else region_code(region),
        mail=account.mail if mail is None else mail,
    )
    require_stored(store, account)
    change_rights(file, account, actor=getpass.getuser())
    say(f"{name}: {account.role}")


@COMMAND.command("passwd")
@click.argument("name")
@new_store_option
def passwd(name: str, store: str) -> None:
    """更改密码。Set another password; sessions end."""
    file = AccountsFile.beside(store)
    account_of(file, name)
    set_password(file, name, ask_password(), actor=getpass.getuser())
    say(name)


@COMMAND.command("lock")
@click.argument("name")
@click.option("--undo", is_flag=True, help="重新启用 / open it again")
@new_store_option
def lock(name: str, undo: bool, store: str) -> None:
    """停用账号。Lock an account; sessions end. Accounts are never deleted."""
    set_locked(AccountsFile.beside(store), name, not undo, actor=getpass.getuser())
    say(f"{name}: {'open' if undo else 'locked'}")


@COMMAND.command("unlink")
@click.argument("name")
@new_store_option
def unlink_(name: str, store: str) -> None:
    """解除统一认证关联。Forget which person of a provider logs in; the next login with the verified mail links anew."""
    unlink(AccountsFile.beside(store), name, actor=getpass.getuser())
    say(name)


@COMMAND.command("log")
@click.option("--last", type=click.IntRange(1), default=50, show_default=True)
@new_store_option
def log(last: int, store: str) -> None:
    """登录与拒绝记录。Who logged in, who was refused, who changed which account."""
    for entry in AccountsFile.beside(store).journal()[-last:]:
        payload = " ".join(f"{name}={value!r}" for name, value in entry["payload"].items())
        click.echo("\t".join([entry["at"], repr(entry["actor"]), entry["action"], payload]))


def ask_password() -> str:
    """A password from the terminal, typed twice, or one line of standard input."""
    if sys.stdin.isatty():
        return str(click.prompt("密码 / password", hide_input=True, confirmation_prompt="再次输入 / again"))
    return sys.stdin.readline().rstrip("\r\n")
