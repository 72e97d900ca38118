"""How customers reach the salon, for every page."""

from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest


def salon(request: HttpRequest) -> dict[str, object]:
    """`salon`: its `phone`, its `address` and a `map` that shows it; empty where the settings say nothing."""
    address = settings.SALON_ADDRESS
    found = f"https://map.kakao.com/link/search/{quote(address)}" if address else ""
    return {"salon": {"phone": settings.SALON_PHONE, "address": address, "map": found}}
