"""Fetch and verify the local models: `python -m rag.models`.

python -m rag.models              reader, embedder and judges, what `vouch models` fetches
python -m rag.models --reader     only the reader        --embedder   only the embedder        --judge   only the judges
python -m rag.models --torch      the embedder as a sentence-transformers folder
python -m rag.models --check      hash every file again
python -m rag.models --path       print the models folder and stop
"""

import logging
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from rag import models
from rag.config import load
from rag.errors import Fault


def main(
    reader: Annotated[bool, typer.Option("--reader", help="Only the reader.")] = False,
    embedder: Annotated[bool, typer.Option("--embedder", help="Only the embedder.")] = False,
    judge: Annotated[bool, typer.Option("--judge", help="Only the small judges.")] = False,
    torch: Annotated[bool, typer.Option("--torch", help="The embedder for sentence-transformers.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Hash every file again.")] = False,
    path: Annotated[bool, typer.Option("--path", help="Print the models folder and stop.")] = False,
) -> None:
    """Fetch and verify the local models that the configuration names."""
    if path:
        typer.echo(models.folder())
        return
    console = Console(stderr=True)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[RichHandler(console=console)])
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    both = not (reader or embedder or judge or torch)
    try:
        with Progress(*columns, console=console) as bars:
            report = _Report(bars)
            config = load()
            if embedder or (both and config.embedder.kind == "onnx"):
                for name in models.EMBEDDER_FILES:
                    typer.echo(models.ensure(name, report, check=check))
                typer.echo(models.onnx_folder(report, check=check) / "model.onnx")
            if judge or both:
                for name in (models.FINDER, models.VERIFIER):
                    typer.echo(models.judge_folder(name, report, check=check) / "model.onnx")
            if torch:
                typer.echo(models.sentence_transformer_folder(report))
            if reader or (both and config.reader.kind == "local" and config.reader.model in models.MODELS):
                typer.echo(models.ensure(config.reader.model, report, check=check))
    except Fault as fault:
        console.print(str(fault), style="red", markup=False)
        raise typer.Exit(1) from fault


class _Report:
    """One bar a file that is being fetched."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, done: int, total: int) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name)
        self._bars.update(self._tasks[name], completed=done, total=total)


if __name__ == "__main__":
    typer.run(main)
