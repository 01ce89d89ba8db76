"""How the plays speak while they run: bars on standard error, sentences on standard output."""

from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Bar = Callable[[int, int], None]
Tell = Callable[[Mapping[str, Any]], None]


def bars_on_screen() -> Progress:
    """A context: the bars that are added to it stay until its end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def add_bar(bars: Progress, label: str) -> Bar:
    """One more bar; gives a function of (done, total)."""
    task = bars.add_task(escape(label), total=None)
    return lambda done, total: bars.update(task, completed=done, total=total)


def say(text: str) -> None:
    """One sentence for people; data inside it is never read as markup."""
    Console(highlight=False, soft_wrap=True).print(escape(text))
