"""gunicorn's settings, the same wherever the site runs: it reads this file by itself (`gunicorn cody_site.wsgi`)."""

import os

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY") or 1)
worker_class = "gthread"
threads = 8
timeout = 90  # longer than the longest call to IMP (IMP_DEADLINE_SECONDS)
graceful_timeout = 30
keepalive = 75  # longer than a proxy keeps its connections, or it would send a request into one that is closing
control_socket_disable = True
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 -- heartbeats must not wait for a disk
