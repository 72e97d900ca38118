"""The customers' pages in Chromium, as a phone on a slow network opens them for the first time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ViewportSize, sync_playwright

from bench.names import SESSION_COOKIE
from bench.result import Result, Table
from bench.site import PROXY, Connection, Site
from tests.servers import browser_program

HOME_BAR, PAINT_BAR = 350_000, 30_000
LCP_BAR, SERVER_BAR, QUERY_BAR = 2.5, 60, 12
ROUNDS, WARM_UP = 15, 5
PHONE = ViewportSize(width=390, height=844)
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER_CPU = 4
KINDS = {"Document": "HTML", "Stylesheet": "CSS", "Script": "script", "Font": "fonts", "Image": "images"}
OBSERVED = """
window.seen = {shift: 0, lcp: 0, fcp: 0};
const watch = (type, each) =>
  new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({type, buffered: true});
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
watch("largest-contentful-paint", (entry) => { seen.lcp = entry.startTime; });
watch("paint", (entry) => { if (entry.name === "first-contentful-paint") seen.fcp = entry.startTime; });
"""
ARRIVED_BEFORE = """
(paint) => ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
  .filter((entry) => entry.responseEnd <= paint && !entry.name.endsWith(".woff2"))
  .reduce((sum, entry) => sum + entry.transferSize, 0)
"""


@dataclass
class Visit:
    """What came over the network, in bytes with headers, and what the browser saw of it."""

    sizes: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    before_paint: int = 0
    """All but fonts that had arrived at the first contentful paint."""
    shift: float = 0
    lcp: float = 0
    """Seconds."""

    @property
    def total(self) -> int:
        return self.sizes.total()


def measure(site: Site, pages: list[dict[str, Any]]) -> Table:
    """`pages` as bench.page_stock tells them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program(), args=["--no-sandbox"])
        _visit(browser, site.url, "")  # the browser itself begins slowly
        results = [result for page in pages for result in _measured(browser, site, page)]
        browser.close()
    return Table(
        "The customers' pages",
        "A first visit, nothing in the cache, nothing scrolled, in Chromium as a phone: 390 by 844 pixels, a processor "
        f"{SLOWER_CPU} times slower, {SLOW_4G['latency']} ms to the server and back, 1.6 Mbit/s. KB (1,000 bytes, with "
        "headers) of what came; before paint is what had come at the first contentful paint, without fonts. Then, "
        "without all that, the server's time, the median of one client, and its queries; the demo salon on PostgreSQL. "
        f"Bars: home <= {HOME_BAR // 1000} KB; before paint <= {PAINT_BAR // 1000} KB, no layout shift, largest "
        f"contentful paint <= {LCP_BAR} s, server < {SERVER_BAR} ms, <= {QUERY_BAR} queries.",
        (
            "page",
            *KINDS.values(),
            "all",
            "requests",
            "before paint",
            "shift",
            "LCP s",
            "server ms",
            "queries",
            "missed",
            "met",
        ),
        tuple(results),
    )


def _measured(browser: Browser, site: Site, page: dict[str, Any]) -> Iterator[Result]:
    visit = _visit(browser, site.url + page["path"], page["session"])
    spent = _server_ms(site, page)
    bars = {
        "all": page["path"] != "/" or visit.total <= HOME_BAR,
        "before paint": visit.before_paint <= PAINT_BAR,
        "shift": visit.shift < 0.001,
        "LCP": visit.lcp <= LCP_BAR,
        "server": spent < SERVER_BAR,
        "queries": page["queries"] <= QUERY_BAR,
    }
    missed = [name for name, met in bars.items() if not met]
    sizes = [visit.sizes[kind] for kind in KINDS.values()]
    yield Result(
        page["name"],
        (
            *(f"{size / 1000:.0f}" for size in [*sizes, visit.total]),
            str(visit.requests),
            f"{visit.before_paint / 1000:.0f}",
            f"{visit.shift:.3f}",
            f"{visit.lcp:.2f}",
            f"{spent:.0f}",
            str(page["queries"]),
        ),
        ", ".join(missed),
        met=not missed,
    )


def _visit(browser: Browser, url: str, session: str) -> Visit:
    context = browser.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, locale="ko-KR", extra_http_headers=PROXY
    )
    if session:
        context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": _origin(url), "secure": True}])
    context.add_init_script(OBSERVED)
    try:
        return _seen(context, url)
    finally:
        context.close()


def _origin(url: str) -> str:
    return f"https://{urlsplit(url).netloc}"


def _seen(context: BrowserContext, url: str) -> Visit:
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    visit, kinds = Visit(), {}

    def sent(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = KINDS.get(event["type"], event["type"])

    def arrived(event: dict[str, Any]) -> None:
        visit.sizes[kinds[event["requestId"]]] += int(event["encodedDataLength"])
        visit.requests += 1

    devtools.on("Network.requestWillBeSent", sent)
    devtools.on("Network.loadingFinished", arrived)
    page.goto(url, wait_until="networkidle")
    seen = page.evaluate("seen")
    visit.shift, visit.lcp = seen["shift"], seen["lcp"] / 1000
    visit.before_paint = page.evaluate(ARRIVED_BEFORE, seen["fcp"])
    return visit


def _server_ms(site: Site, page: dict[str, Any]) -> float:
    client = Connection(
        site.port, PROXY | ({"Cookie": f"{SESSION_COOKIE}={page['session']}"} if page["session"] else {})
    )
    for _round in range(WARM_UP):
        client.get(page["path"])
    return median(client.get(page["path"]).seconds * 1000 for _round in range(ROUNDS))
