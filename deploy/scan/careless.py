"""The control: a page with the holes that the scanners look for. Who finds nothing here has not looked."""

import html
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FORM = '<!DOCTYPE html><html><body><form action="/"><input name="q"><input type="submit"></form>{}</body></html>'


class Careless(BaseHTTPRequestHandler):
    """What is typed into `q` is put into SQL and into the page as it is."""

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
        database = sqlite3.connect(":memory:")
        database.execute("CREATE TABLE person (name TEXT)")
        database.execute("INSERT INTO person VALUES ('hong'), ('kim')")
        status = 200
        try:
            found = database.execute(f"SELECT name FROM person WHERE name = '{asked}'").fetchall()  # noqa: S608 -- the hole
        except sqlite3.Error as error:
            status, found = 500, [(html.escape(f"sqlite3.{type(error).__name__}: {error}"),)]
        page = FORM.format(f"<p>{asked}</p>" + "".join(f"<p>{name}</p>" for (name,) in found)).encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *arguments: object) -> None:
        """Nothing is logged."""


@contextmanager
def careless_site() -> Iterator[str]:
    """Its URL, on loopback, while the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Careless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
