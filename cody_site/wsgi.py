import gc
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cody_site.settings")

CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)
django = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 -- reads the routes now, else the first request would wait for it

# What is there now stays until the process ends: to look through it for garbage took 80 ms in the midst of a request,
# every few hundred lists. The threshold is above the objects of a page, so that a list alone sets off no search either.
gc.collect()
gc.freeze()
gc.set_threshold(10_000)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The site. All is UTF-8; Django would decode the query by whatever codec a client names, and fall over it."""
    if "CONTENT_TYPE" in environ:
        environ["CONTENT_TYPE"] = CHARSET.sub("", environ["CONTENT_TYPE"])
    return django(environ, start_response)
