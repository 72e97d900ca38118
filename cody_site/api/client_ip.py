from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The address the request came from, as far as our own proxies vouch for it.

    With TRUSTED_PROXY_COUNT = n the n-th entry from the right of X-Forwarded-For; what stands left of it, or the
    whole header with n = 0, anybody may have written.
    """
    trusted: int = settings.TRUSTED_PROXY_COUNT
    if trusted:
        forwarded: list[str] = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(forwarded) >= trusted and forwarded[-trusted]:
            return _plain(forwarded[-trusted])
    return _plain(str(request.META.get("REMOTE_ADDR", "")))


def _plain(address: str) -> str:
    """An IPv4 address as itself, also where a socket for both families names it `::ffff:192.0.2.1`."""
    return address.removeprefix("::ffff:") if "." in address else address
