"""What a token for an app client costs the worker."""

import os
from pathlib import Path

from bench.names import CLIENT, SECRET
from bench.result import Result, Table
from bench.site import Site

BAR_MS = 10
REQUESTS = 200


def measure(site: Site) -> Table:
    """`site` must have one process."""
    visitor = site.visitor()

    def issue(times: int) -> None:
        for _ in range(times):
            visitor.post("/payment/OAuth2.0/getToken", client_id=CLIENT, client_secret=SECRET)

    issue(20)
    (worker,) = site.workers
    before = _cpu_seconds(worker)
    issue(REQUESTS)
    spent = (_cpu_seconds(worker) - before) / REQUESTS * 1000
    return Table(
        "Tokens",
        f"POST /payment/OAuth2.0/getToken with `client_credentials`, {REQUESTS} times: processor time of the worker.",
        ("what", "CPU ms", "bar", "met"),
        (Result("a token for an app client", (f"{spent:.1f}",), f"< {BAR_MS} ms", met=spent < BAR_MS),),
    )


def _cpu_seconds(pid: int) -> float:
    """User and system time so far; the process' name, which may have blanks, ends at the last parenthesis."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
