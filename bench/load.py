"""As many requests as a site answers: wrk for HTTP, pgbench for SQL alone."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.servers import postgres_programs

SECONDS = 1
CLIENTS = 8
REPEATS = 30


def missing() -> list[str]:
    """The Debian packages of the programs that a run needs and this machine lacks."""
    needed = {"postgresql": postgres_programs(), "wrk": shutil.which("wrk")}
    return [package for package, program in needed.items() if not program]


def wrk(url: str, headers: dict[str, str], *script: str, seconds: int = SECONDS) -> float:
    """Answers a second; RuntimeError if any of them is not a 2xx."""
    command = ["wrk", "--threads", "1", "--connections", str(CLIENTS), "--duration", f"{seconds}s", "--timeout", "20s"]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    if script:
        command += ["--script", script[0]]
    told = _run([*command, url, *(["--", *script[1:]] if script else [])])
    if "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    return _number(r"Requests/sec:\s+([0-9.]+)", told)


def pgbench(database_url: str, script: Path, **variables: int) -> float:
    """Transactions a second."""
    programs = postgres_programs()
    command = [f"{programs}/pgbench", "--no-vacuum", "--time", str(SECONDS), "--client", str(CLIENTS), "--jobs", "1"]
    for name, value in variables.items():
        command += ["--define", f"{name}={value}"]
    told = _run([*command, "--file", str(script), database_url], PGOPTIONS="-c jit=off")  # as the site has it
    return _number(r"tps = ([0-9.]+)", told)


def compared(
    subject: Callable[[], float], baseline: Callable[[], float], repeats: int = REPEATS
) -> tuple[float, float, float]:
    """The medians of both and of their ratio, in turns: what disturbs the machine disturbs both.

    Each is first as often as the other: what the one leaves behind, warm or cold, the other finds.
    """
    pairs = [(baseline(), subject())[::-1] if turn % 2 else (subject(), baseline()) for turn in range(repeats)]
    return (
        median(pair[0] for pair in pairs),
        median(pair[1] for pair in pairs),
        median(pair[0] / pair[1] for pair in pairs),
    )


def _run(command: list[str], **variables: str) -> str:
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(text)
    return float(found[1])
