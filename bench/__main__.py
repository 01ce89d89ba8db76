"""Runs every measure and prints the table in Markdown."""

import platform
from collections.abc import Callable, Iterable

from bench import compiling, many, pacing, people, pixel, previewing, sending, workers
from bench.measure import Row

MEASURES: tuple[Callable[[], Iterable[Row]], ...] = (
    compiling.rows,
    previewing.rows,
    people.rows,
    many.rows,
    pacing.rows,
    workers.rows,
    sending.rows,
    pixel.rows,
)


def main() -> None:
    print(
        f"Python {platform.python_version()}, {platform.machine()}, one run; ratios travel, absolute times do not.\n"
    )
    print("| measure | figure | target |")
    print("| --- | --- | --- |")
    for measure in MEASURES:
        for row in measure():
            print(f"| {row.measure} | {row.figure} | {row.target} |", flush=True)


if __name__ == "__main__":
    main()
