"""What a measurement says, beside what it ought to say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line of a table of docs/bench.md; `met` is None where no bar is set."""

    what: str
    figures: tuple[str, ...]
    bar: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "yes", False: "**no**"}[self.met]


@dataclass(frozen=True)
class Table:
    title: str
    explanation: str
    columns: tuple[str, ...]
    results: tuple[Result, ...]
