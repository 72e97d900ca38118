"""The process: its options, its start, its end."""

import argparse
import ipaddress
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from payments.imp_sandbox.gateways import PROVIDERS, Channel
from payments.imp_sandbox.server import Clock, Sandbox
from payments.imp_sandbox.store import Store


@dataclass(frozen=True)
class Options:
    host: str = "127.0.0.1"
    port: int = 8001
    data: Path = Path("var/imp_sandbox")
    webhook: str = "http://127.0.0.1:8000/payment/webhook"
    pg: str = "nice_v2"
    live: bool = False
    now: int | None = None


def add_arguments(parser: argparse.ArgumentParser, default: Options) -> None:
    parser.add_argument("--host", type=_loopback, default=default.host, help="a loopback address (%(default)s)")
    parser.add_argument("--port", type=int, default=default.port, help="%(default)s; 0: any that is free")
    parser.add_argument("--data", type=Path, default=default.data, help="the folder of its data (%(default)s)")
    parser.add_argument("--webhook", default=default.webhook, help="where webhooks go; empty: nowhere (%(default)s)")
    parser.add_argument("--pg", choices=PROVIDERS, default=default.pg, help="the default gateway (%(default)s)")
    parser.add_argument("--live", action="store_true", help="payments come through a live channel, not a test channel")
    parser.add_argument("--now", type=int, default=None, help="unix seconds that its clock starts at; else the present")


def run(options: Options, *, tell: bool = True) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP, and tell the address first. SystemExit if the port is taken."""
    stop = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda *_: stop.set())
    channel = Channel(options.pg, sandbox=not options.live)
    store = Store(options.data)
    try:
        sandbox = Sandbox(
            (options.host, options.port), store, channel=channel, webhook=options.webhook, clock=Clock(options.now)
        )
    except OSError as error:
        where = f"{options.host}:{options.port} (--port, IMP_SANDBOX_PORT)"
        raise SystemExit(f"IMP sandbox: cannot listen on {where}: {error.strerror}") from None
    sandbox.start()
    if tell:
        sys.stdout.write(f"IMP sandbox  {sandbox.address}\n")
        sys.stdout.flush()
    stop.wait()
    sandbox.stop()


def _loopback(host: str) -> str:
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{host} is no loopback address: the sandbox is for this machine only")
