"""What a token for an app client costs the worker."""

from bench.names import CLIENT, SECRET
from bench.result import Result, Table
from bench.site import Site, processor_seconds

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
    before = processor_seconds(worker)
    issue(REQUESTS)
    spent = (processor_seconds(worker) - before) / REQUESTS * 1000
    return Table(
        "Tokens",
        f"POST /payment/OAuth2.0/getToken with `client_credentials`, {REQUESTS} times: processor time of the worker.",
        ("what", "CPU ms", "bar", "met"),
        (Result("a token for an app client", (f"{spent:.1f}",), f"< {BAR_MS} ms", met=spent < BAR_MS),),
    )
