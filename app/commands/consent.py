"""``duijie consent``: what a project agrees to, channel by channel, and takes back."""

from __future__ import annotations

import getpass

import click

from app.options import say, store_option
from data.consents import ANSWERS, CONSENT, GIVEN, REFUSED, WITHDRAWN, consent_entry, consent_of, entered_on
from data.problem import DuijieError
from data.reference.vocabularies import vocabulary
from data.store import Store, open_store

EVERY = "all"


def standing(store: Store, project_id: str) -> list[str]:
    """How a project stands in every channel, and every answer it gave, a line each."""
    project_id = store.merges().get(project_id, project_id)
    projects = store.shown("projects")["projects"]
    told = projects.column("consent").to_pylist()[projects.column("project_id").to_pylist().index(project_id)]
    channels = vocabulary("channels")
    lines = [f"{name} {channels.label(name)}: {consent_of(told, name)}" for name in channels.codes]
    merges = store.merges()
    for entry in store.journal(CONSENT):
        answer = entry["payload"]
        if merges.get(answer["project_id"], answer["project_id"]) == project_id:
            names = ",".join(answer["channels"])
            lines.append(f"{entered_on(entry)} {names} {answer['answer']}: {answer['by']} ({entry['actor']})")
    return lines


@click.command("consent")
@click.argument("project_id")
@store_option
@click.option(
    "--channel",
    multiple=True,
    type=click.Choice([*vocabulary("channels").codes, EVERY]),
    help="渠道，可多次；all 为全部 / channels the answer is for",
)
@click.option("--given", GIVEN, is_flag=True, help="同意 / agrees")
@click.option("--refused", REFUSED, is_flag=True, help="不同意 / does not agree")
@click.option("--withdrawn", WITHDRAWN, is_flag=True, help="撤回同意 / takes its consent back")
@click.option("--by", default="", metavar="WHO", help="由谁、以何种方式表示 / who said so, and how")
def COMMAND(project_id: str, store: str, channel: tuple[str, ...], by: str, **answers: bool) -> None:
    """登记或撤回项目的同意；不带答复时只查看。Record what a project agrees to; without an answer, show how it stands.

    An answer holds at once for everything that is shown, and for every later run. It holds over what is imported:
    only a new answer changes it. The journal keeps who said what, and when.
    """
    told = [name for name in ANSWERS if answers[name]]
    if len(told) > 1:
        raise DuijieError("consent.answer", "只能有一种答复 / one answer only", "--given, --refused, --withdrawn")
    answer = told[0] if told else None
    file = open_store(store)
    known = file.current("projects").column("project_id").to_pylist()
    if answer:
        names = vocabulary("channels").codes if EVERY in channel else channel
        file.append(getpass.getuser(), CONSENT, consent_entry(project_id, names, answer, by, known))
    elif project_id not in known:
        raise DuijieError("project.unknown", f"没有这个项目 / no project {project_id!r}", "duijie export projects")
    elif channel or by:
        raise DuijieError("consent.answer", "须给出答复 / which answer?", "--given, --refused, --withdrawn")
    for line in standing(file, project_id):
        (say if answer else click.echo)(line)
