"""Which options somebody wrote on the command line: one that would do nothing is refused, not passed over."""

import click
from click.core import ParameterSource


def given(*names: str) -> tuple[str, ...]:
    """Return those of some parameters of the running command that were written, as their options are called.

    Args:
        names: Of the parameters, as the function of the command has them.
    """
    context = click.get_current_context()
    written = [name for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    called = {parameter.name: _called(parameter) for parameter in context.command.params}
    return tuple(called[name] for name in written)


def _called(parameter: click.Parameter) -> str:
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name
