"""The console command ``branchwise``."""

import importlib
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any, NamedTuple

import click

from core.errors import BranchwiseError
from core.plain_text import sentence as printable_sentence

BAD_INPUT = 2
INTERRUPTED = 130


class _Lazy(NamedTuple):
    where: str
    help: str


# Imported when called: numpy, numba and torch take seconds, ``--help`` should take none.
COMMANDS = {
    "app": _Lazy("app.command.app:app", "Open the dashboard in a browser."),
    "class": _Lazy("app.command.class_mode:class_mode", "Hold a class: others join, follow your page and guess."),
    "layouts": _Lazy("app.command.layouts:layouts", "Count the ways of sharing layers."),
    "recommend": _Lazy("app.command.recommend:recommend", "Print the best layouts within a budget."),
    "front": _Lazy("app.command.front:front", "Print the Pareto front of cost and score."),
    "agreement": _Lazy("app.command.agreement:agreement", "Compare predicted with trained layouts."),
    "backbone": _Lazy("app.command.backbone:backbone", "Find where a network can branch, and price its blocks."),
    "paths": _Lazy("app.command.paths:paths", "Print what each path of a multi-path network costs."),
    "compare": _Lazy("app.command.compare:compare", "Compare the families of networks of a study within a budget."),
    "show": _Lazy("app.command.show:show", "Print what a study measured and recommends."),
    "virtual": _Lazy("app.command.virtual:virtual", "Print what the levels of deep virtual networks use and learn."),
    "affinity": _Lazy("app.command.affinity:affinity", "Compute task affinities from losses of recombined networks."),
    "branch": _Lazy("app.command.branch:branch", "Print the cheapest branched network for an affinity tensor."),
    "storage": _Lazy("app.command.storage:storage", "Print what a trunk with branches saves against whole networks."),
    "module": _Lazy("app.command.module:module", "Write a trained network as a Python file with weights."),
    "deploy": _Lazy("app.command.deploy:deploy", "Write a study's TreeDNN or virtual network as files."),
    "switch": _Lazy("app.command.switch:switch", "Measure how fast deployed networks switch task or level."),
    "data": _Lazy("app.command.data:data", "Print what a data set holds and what its labels are taken for."),
    "run": _Lazy("app.command.run:run", "Train what a study file requests."),
    "rate": _Lazy("app.command.rate:rate", "Suggest a learning rate for a study file."),
    "study": _Lazy("app.command.study:study", "Look up what a study file may say."),
    "host": _Lazy("app.command.host:host", "Train what the dashboard submits, until Ctrl-C."),
    "report": _Lazy("app.command.report:report", "Write a study as an HTML or PDF document."),
    "lessons": _Lazy("app.command.lessons:lessons", "Write the lessons as web pages."),
    "export": _Lazy("app.command.export:export", "Write a study as one file."),
    "import": _Lazy("app.command.import_study:import_study", "Store a study from a file."),
}


class Sentences(click.Group):
    """A group whose errors are one sentence on standard error and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the sub-commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a sub-command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].where.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the sub-commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in COMMANDS.items()])

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:  # noqa: ANN401
        """Run the command and end the process."""
        try:
            code = super().main(args, *rest, **{**options, "standalone_mode": False})
        except BranchwiseError as fault:
            _end(str(fault), BAD_INPUT)
        except click.exceptions.NoArgsIsHelpError as fault:
            _end(_without_command(fault.ctx), BAD_INPUT)
        except click.ClickException as fault:
            _end(fault.format_message(), BAD_INPUT)
        except (click.Abort, KeyboardInterrupt):
            _end("Stopped.", INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _without_command(ctx: click.Context | None) -> str:
    group = ctx.command if ctx else None
    if ctx is None or not isinstance(group, click.Group):
        return "A command is missing. See branchwise --help."
    names = ", ".join(group.list_commands(ctx))
    return f'"{ctx.info_name}" needs to be told what to do. Choose from: {names}.'


def _end(sentence: str, code: int) -> None:
    click.echo(" ".join(printable_sentence(sentence).split()), err=True)
    sys.exit(code)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"branchwise {metadata.version('branchwise')}")
        ctx.exit()


@click.group(cls=Sentences, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Decide which layers a multi-task network should share.

    Without a command the dashboard opens in a browser.
    """
    if ctx.invoked_subcommand is None:
        command = ctx.command.get_command(ctx, "app")  # type: ignore[attr-defined]
        ctx.invoke(command)
