"""Walks through the customers' pages as a reader does: by their links, and by sending their forms empty."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.urls import Resolver404, resolve

SHOWN_OF_A_KIND = 2
"""So many pages of one route with the same parameters are looked at: others differ in data only."""
NOT_FOR_CUSTOMERS = ("/admin/", "/static/", "/docs/", "/oauth/", "/schema.json", "/styleguide/")
NOT_SENT = ("accounts:sign_out", "set_language")
HERE = "http://testserver"


class Page(HTMLParser):
    """What a page is made of, as far as tests ask; `name` says how one comes to it."""

    def __init__(self, name, path, html):
        super().__init__()
        self.name, self.path, self.html = name, path, html
        self.links, self.forms, self.landmarks, self.headings = [], [], [], []
        self.language = self.title = self.description = ""
        self._in_title = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag == "title" and not self.title:  # a drawing may have one too
            self._in_title = True
        elif tag == "meta" and given.get("name") == "description":
            self.description = given.get("content", "").strip()
        elif tag == "a" and given.get("href"):
            self.links.append(self._absolute(given["href"]))
        elif tag == "form" and given.get("method", "").lower() == "post":
            self.forms.append(self._absolute(given.get("action", "")))
        elif tag in ("header", "main", "footer", "nav"):
            self.landmarks.append(tag)
        elif tag == "h1":
            self.headings.append(given)

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag):
        if tag == "title":
            self._in_title = False

    def _absolute(self, url):
        return urljoin(HERE + self.path, url)


class Walk:
    """What one visitor comes to see: the `pages`, and what is `dead`: the address, where it is linked, its status."""

    def __init__(self, browser):
        self.browser = browser
        self.pages, self.dead, self._known = [], [], {}

    def through(self, *paths):
        """Follow all links from here on, then send every form that was found without a word in it."""
        waiting = [(HERE + path, "") for path in paths]
        for url, source in waiting:  # which grows meanwhile
            path = self._new("GET", url)
            if path:
                page = self._keep(path, self.browser.get(path, follow=True), source)
                waiting += [(link, path) for link in page.links] if page else []
        for page in list(self.pages):
            for url in page.forms:
                path = self._new("POST", url)
                if path:
                    self._keep(f"{path}, its form empty", self.browser.post(path, follow=True), page.name, refused=True)
        return self

    def _keep(self, name, answer, source, *, refused=False):
        """The page, if one came; a form may be refused, but no link."""
        if answer.status_code >= (500 if refused else 400):
            self.dead.append((name, source, answer.status_code))
        path = answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]
        kind = answer.headers.get("Content-Type", "")
        if answer.streaming:
            answer.getvalue()  # to the end, which closes the file
            return None
        if not kind.startswith("text/html") or path.startswith(NOT_FOR_CUSTOMERS):
            return None
        page = Page(name, path, answer.content.decode())
        self.pages.append(page)
        return page

    def _new(self, method, url):
        """The path of an address of ours, if it is worth a look; or None."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != HERE or parts.path.startswith(NOT_FOR_CUSTOMERS):
            return None
        try:
            match = resolve(parts.path)
        except Resolver404:
            match = None
        if match and match.view_name in NOT_SENT:
            return None
        parameters = sorted({name for name, _value in parse_qsl(parts.query)})
        known = self._known.setdefault((method, match.route if match else parts.path, *parameters), set())
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if path in known or len(known) >= SHOWN_OF_A_KIND:
            return None
        known.add(path)
        return path
