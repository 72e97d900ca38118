"""A photo of 20 MB: in, beside boto3 sending it to the same S3 server, and out, beside Django's FileResponse."""

import contextlib
import io
import math
import os
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import boto3
from botocore.config import Config
from PIL import Image

from bench.load import compared
from bench.result import Result, Table
from bench.site import Connection, Site, forget_peak, resident_kilobytes, scalar, serving
from tests.servers import S3_KEY, S3_SECRET, s3

BYTES = 20_000_000
BUCKET = "bench"
UPLOAD_BAR, DOWNLOAD_BAR, GROWTH_BAR_MB = 2.0, 0.8, 32
CONNECTIONS, DOWNLOADS = 60, 3
USERID = "customer1"
BOUNDARY = "----bench"


def measure(database_url: str) -> Table:
    """Starts its own sites, of one process, and its own S3 server."""
    with s3() as endpoint, tempfile.TemporaryDirectory() as folder:
        bucket = _bucket(endpoint)
        variables = {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": S3_KEY,
            "AWS_SECRET_ACCESS_KEY": S3_SECRET,
        }
        with serving(database_url, processes=1, variables=variables) as site:
            results = _uploads(site, lambda: bucket.upload_fileobj(io.BytesIO(os.urandom(BYTES)), os.urandom(8).hex()))
        with (
            serving(database_url, processes=1, variables={"MEDIA_ROOT": folder}) as site,
            serving(database_url, processes=1, variables={"MEDIA_ROOT": folder}, bare=True) as bare,
        ):
            results.append(_download(site, bare))
    return Table(
        "Photos",
        f"{BYTES / 1e6:.0f} MB, one client, a site of one process. Uploads: POST /photo_u with S3 behind the site, "
        "beside boto3's `upload_fileobj` straight to the same S3 server. Downloads: GET /photo_w from this machine's "
        "disk, beside a bare view with `FileResponse`, each pair over two new connections.",
        ("what", "site", "beside", "ratio", "bar", "met"),
        tuple(results),
    )


def _bucket(endpoint: str) -> Any:
    found = boto3.resource(
        "s3", endpoint_url=endpoint, aws_access_key_id=S3_KEY, aws_secret_access_key=S3_SECRET,
        region_name="us-east-1", config=Config(s3={"addressing_style": "path"}),
    ).Bucket(BUCKET)  # fmt: skip
    found.create()
    return found


def _uploads(site: Site, directly: Callable[[], None]) -> list[Result]:
    app = site.app()

    def through_the_site() -> float:
        return upload(app)[0]

    def straight() -> float:
        started = time.perf_counter()
        directly()
        return time.perf_counter() - started

    for _ in range(4):
        through_the_site()
        straight()
    (worker,) = site.workers
    forget_peak(worker)
    before = resident_kilobytes(worker)
    ours, theirs, ratio = compared(through_the_site, straight)
    growth = (resident_kilobytes(worker, peak=True) - before) / 1024
    return [
        Result(
            "upload", (f"{ours * 1000:.0f} ms", f"{theirs * 1000:.0f} ms", f"{ratio:.2f} x the time"),
            f"<= {UPLOAD_BAR} x", met=ratio <= UPLOAD_BAR,
        ),
        Result(
            "growth of the worker meanwhile", (f"{growth:.1f} MB", "", ""), f"< {GROWTH_BAR_MB} MB",
            met=growth < GROWTH_BAR_MB,
        ),
    ]  # fmt: skip


def upload(app: Connection, *, picture: bool = False) -> tuple[float, str]:
    """Seconds, and the new photo's photoid."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="userid"\r\n\r\n{USERID}\r\n',
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n',
    ]
    body = "".join(parts).encode() + (_picture() if picture else os.urandom(BYTES)) + f"\r\n--{BOUNDARY}--\r\n".encode()
    answer = app.upload("/photo_u", body, f"multipart/form-data; boundary={BOUNDARY}")
    return answer.seconds, answer.contents["photoid"]


def _picture() -> bytes:
    """Noise, of BYTES or a little less."""
    edge = math.isqrt(BYTES // 3) - 10
    file = io.BytesIO()
    Image.frombytes("RGB", (edge, edge), os.urandom(edge * edge * 3)).save(file, format="PNG", compress_level=0)
    return file.getvalue()


def _download(site: Site, bare: Site) -> Result:
    photoid = upload(site.app(), picture=True)[1]
    key = scalar(site.database_url, f"SELECT storage_key FROM media_store_photo WHERE photoid = '{photoid}'")
    headers = site.app_headers()

    def ours() -> float:
        return _rate(Connection(site.port, headers), f"/photo_w?photoid={photoid}")

    def theirs() -> float:
        return _rate(bare.visitor(), f"/file/{key}")

    for _ in range(4):
        ours()
        theirs()
    mine, other, ratio = compared(ours, theirs, CONNECTIONS)
    return Result(
        "download", (f"{mine / 1e6:.0f} MB/s", f"{other / 1e6:.0f} MB/s", f"{ratio:.2f} x the rate"),
        f">= {DOWNLOAD_BAR} x", met=ratio >= DOWNLOAD_BAR,
    )  # fmt: skip


def _rate(connection: Connection, path: str) -> float:
    """Bytes a second over a new connection, once it is warm.

    Each pair has its own two connections: of two alike, one may stay twice as fast as the other for as long as it
    lasts, by how the kernel came to buffer it.
    """
    with contextlib.closing(connection.http):
        answers = [connection.get(path) for _ in range(1 + DOWNLOADS)]
        return median(len(answer.body) / answer.seconds for answer in answers[1:])
