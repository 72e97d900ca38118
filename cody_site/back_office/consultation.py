"""Consultation mode: while a client looks at the screen, it shows nothing that was written about clients."""

from django.http import HttpRequest

KEY = "consultation_mode"


def in_consultation(request: HttpRequest) -> bool:
    """Does this session hide private notes?"""
    return bool(request.session.get(KEY, False))


def switch(request: HttpRequest) -> None:
    request.session[KEY] = not in_consultation(request)
