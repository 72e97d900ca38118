"""`make cluster`: a whole site of several processes on this machine, from deploy/'s own files, ended by one Ctrl-C.

PostgreSQL, Redis, an S3 server, nginx, two sites of two processes, two workers, a beat and the IMP sandbox, all on
loopback, their data and logs under var/cluster/. The commands of site, worker and beat are those of deploy/systemd,
nginx's configuration is deploy/nginx: what operation runs is what runs here.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from cody_site.demo.sign_ins import PASSWORD
from tests.servers import (
    S3_KEY,
    S3_SECRET,
    free_port,
    postgres_programs,
    redis_program,
    s3_program,
    wait_until_listening,
)

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "cluster"
IMP_DATA = HOME / "imp_sandbox"
INSTALLED = "/srv/cdeday/app/.venv/bin/"
"""Where deploy/systemd expects the programs."""

SITES, WORKERS = ("site-1", "site-2"), ("worker-1", "worker-2")
GRACE_SECONDS = 75  # gunicorn's graceful timeout and a little more
STARTS = 5
DISK_MB = 64  # of var/, as the site's processes have it
THROTTLES = [
    f"THROTTLE_{what}" for what in ("ANON", "USER", "SIGNUP", "PASSWORD", "UPLOAD", "PAYMENT", "REFUSED_CARDS")
]


class Service:
    """One process of the cluster, which may be killed and started again; its words go to var/cluster/logs."""

    def __init__(
        self, name: str, command: list[str], *, port: int = 0, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.command, self.port = name, command, port
        self.environment = os.environ | (environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it listens, where it has a port."""
        with (HOME / "logs" / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        if self.port:
            wait_until_listening(self.process, self.port)

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """In order: SIGTERM, and SIGKILL for what does not end."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL to it and all that it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def freeze(self) -> None:
        """It hangs: connections open, and no answer comes."""
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


class PostgreSQL(Service):
    """A cluster of its own, as durable as in operation; the user postgres runs it where we are root."""

    def start(self) -> None:
        """Again where it ends at once, as systemd would: killed with -9 its children may still have the old memory."""
        for _attempt in range(STARTS - 1):
            with contextlib.suppress(RuntimeError):
                return super().start()
            time.sleep(1)
        return super().start()

    def __init__(self, port: int) -> None:
        self.data, self.programs = HOME / "postgres", postgres_programs()
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*self.as_postgres, f"{self.programs}/postgres", "-D", str(self.data), "-p", str(port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.data}"]
        super().__init__("postgresql", [*command, "-c", "max_connections=200"], port=port)

    def create(self) -> None:
        self.data.mkdir()
        if self.as_postgres:
            shutil.chown(self.data, "postgres", "postgres")
        initdb = [*self.as_postgres, f"{self.programs}/initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust"]
        subprocess.run([*initdb, "-E", "UTF8", "--locale=C.UTF-8"], cwd="/", stdout=subprocess.DEVNULL, check=True)

    def stop(self) -> None:
        """SIGINT is PostgreSQL's fast shutdown: it waits for no client."""
        if self.process is not None and self.is_up:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            os.kill(pid, signal.SIGINT)
            self.process.wait(GRACE_SECONDS)


class Cluster:
    """All of it; `services` by their names, `url` is nginx's."""

    def __init__(self, port: int, *, throttled: bool = True, more: Mapping[str, str] | None = None) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.has_disk = False
        """Has var/ of the site's processes a small disk of its own, which can be filled?"""
        ports = {name: free_port() for name in ("postgresql", "redis", "s3", "imp", *SITES)}
        self.environment = _environment(ports) | ({} if throttled else dict.fromkeys(THROTTLES, "0")) | dict(more or {})
        self.services: dict[str, Service] = {}
        for service in (
            PostgreSQL(ports["postgresql"]),
            Service("redis", _redis(ports["redis"]), port=ports["redis"]),
            Service("s3", _s3(ports["s3"]), port=ports["s3"]),
            Service("imp-sandbox", _imp(ports["imp"], f"{self.url}/payment/webhook"), port=ports["imp"]),
            *(
                Service(name, unit("site"), port=ports[name], environment=self.environment | {"PORT": str(ports[name])})
                for name in SITES
            ),
            *(Service(name, unit("worker"), environment=self.environment) for name in WORKERS),
            Service("beat", unit("beat"), environment=self.environment),
            Service("nginx", ["nginx", "-c", str(HOME / "nginx.conf"), "-p", str(HOME)], port=port),
        ):
            self.services[service.name] = service
        self.sites = [self.services[name] for name in SITES]

    @contextlib.contextmanager
    def running(self) -> Iterator["Cluster"]:
        """With the demo salon; everything ends and is removed with the context."""
        shutil.rmtree(HOME, ignore_errors=True)
        for folder in ("logs", "s3/photos", "media", "var"):
            (HOME / folder).mkdir(parents=True)
        self.has_disk = _mount(HOME / "var")
        (HOME / "var" / "tmp").mkdir()
        try:
            self._start()
            yield self
        finally:
            for service in reversed(self.services.values()):
                service.stop()
            if self.has_disk:
                subprocess.run(["umount", "--lazy", str(HOME / "var")], check=False)
            shutil.rmtree(HOME, ignore_errors=True)

    def _start(self) -> None:
        database = self.services["postgresql"]
        assert isinstance(database, PostgreSQL)
        database.create()
        (HOME / "nginx.conf").write_text(nginx(self.port, [site.port for site in self.sites]))
        for name in ("postgresql", "redis", "s3", "imp-sandbox"):
            self.services[name].start()
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.manage("demo", DEBUG="1", VAR_DIR=str(IMP_DATA.parent))  # whose payments IMP knows too
        for name in (*SITES, *WORKERS, "beat", "nginx"):
            self.services[name].start()

    def manage(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """A command of manage.py within the cluster; with `check` CalledProcessError if it fails."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        environ = os.environ | self.environment | environment
        return subprocess.run(command, env=environ, text=True, capture_output=True, check=check)

    def log(self, service: Service) -> str:
        return (HOME / "logs" / f"{service.name}.log").read_text(errors="replace")


def _environment(ports: Mapping[str, int]) -> dict[str, str]:
    return {
        "DEBUG": "0",
        "SECRET_KEY": "of-this-machine-alone-" + "x" * 40,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "WEB_CONCURRENCY": "2",
        "DATABASE_URL": f"postgres://postgres@127.0.0.1:{ports['postgresql']}/postgres",
        "REDIS_URL": f"redis://127.0.0.1:{ports['redis']}/0",
        "CELERY_BROKER_URL": f"redis://127.0.0.1:{ports['redis']}/1",
        "S3_BUCKET": "photos",
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3']}",
        "AWS_ACCESS_KEY_ID": S3_KEY,
        "AWS_SECRET_ACCESS_KEY": S3_SECRET,
        "EMAIL_URL": "consolemail:",
        "IMP_SANDBOX_PORT": str(ports["imp"]),
        "IMP_BASE_URL": f"http://127.0.0.1:{ports['imp']}",
        "TRUSTED_PROXY_COUNT": "1",
        "STAFF_SECOND_FACTOR": "0",  # the demo salon's people have no phones
        "VAR_DIR": str(HOME / "var"),
        "TMPDIR": str(HOME / "var" / "tmp"),
        "STATIC_ROOT": str(HOME / "static"),
    }


def _mount(folder: Path) -> bool:
    """A small disk there, if this machine lets us: what fills it fills nothing else."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "cdeday-var", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def unit(name: str) -> list[str]:
    """What deploy/systemd starts for it, from this installation."""
    lines = (ROOT / "deploy" / "systemd" / f"cdeday-{name}.service").read_text().splitlines()
    (start,) = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
    return shlex.split(start.replace(INSTALLED, f"{Path(sys.executable).parent}/", 1))


def nginx(port: int, sites: list[int]) -> str:
    """nginx.conf: the frame that Debian's package has in its own, around deploy/nginx/site.conf.template."""
    site = Template((ROOT / "deploy" / "nginx" / "site.conf.template").read_text()).safe_substitute(
        UPSTREAMS=" ".join(
            [f"server 127.0.0.1:{site} max_fails=1 fail_timeout=1s;" for site in sites]
            + [f"server 127.0.0.1:{site} max_fails=0 backup;" for site in sites]
        ),
        LISTEN=f"127.0.0.1:{port}",
        SERVER_NAME="_",
        TLS="",
        MEDIA_ROOT=f"{HOME}/media/",
        FORWARDED_PROTO="https",
        ACCESS_LOG=f"{HOME}/nginx-access.log",
    )
    folders = " ".join(
        f"{kind}_temp_path {HOME}/var/nginx-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""daemon off; worker_processes 2; pid {HOME}/nginx.pid; error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  include /etc/nginx/mime.types; default_type application/octet-stream; access_log off; {folders}
{site}
}}
"""


def _redis(port: int) -> list[str]:
    command = [str(redis_program()), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(HOME)]
    return [*command, "--save", "", "--appendonly", "no", "--loglevel", "warning"]


def _s3(port: int) -> list[str]:
    command = [str(s3_program()), "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{S3_KEY},{S3_SECRET}"]
    return [*command, "--vfs-cache-mode", "writes", "--cache-dir", f"{HOME}/s3-cache", "--config", "", f"{HOME}/s3"]


def _imp(port: int, webhook: str) -> list[str]:
    command = [sys.executable, "-m", "payments.imp_sandbox", "--port", str(port), "--data", str(IMP_DATA)]
    return [*command, "--webhook", webhook]


def missing() -> list[str]:
    """Debian's packages of the programs that this machine lacks."""
    needed = {"postgresql": postgres_programs(), "redis-server": redis_program(), "nginx": shutil.which("nginx")}
    return [package for package, program in needed.items() if not program]


def main() -> int:
    if lacking := missing():
        sys.stderr.write(f"make cluster needs these Debian packages: {', '.join(lacking)}\n")
        return 1
    stopping = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    with Cluster(int(os.environ.get("PORT") or 8000)).running() as cluster:
        lines = [f"CDEDAY  {cluster.url}/ (nginx)", ""]
        lines += [f"{service.name:<12} {service.port or ''}" for service in cluster.services.values()]
        lines += [
            "",
            f"Sign-ins as in `make run`, every password: {PASSWORD}",
            "Ctrl-C ends all of it and removes its data.",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        while not stopping and all(service.is_up for service in cluster.services.values()):
            time.sleep(0.5)
        dead = [service.name for service in cluster.services.values() if not service.is_up]
        if dead and not stopping:
            sys.stderr.write(f"ended by itself: {', '.join(dead)}; see {HOME}/logs\n")
    return 0 if stopping else 1


if __name__ == "__main__":
    sys.exit(main())
