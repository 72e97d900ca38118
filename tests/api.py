"""A client of the API as tests speak: one call, one answer, envelope taken apart."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.factories import bearer


@dataclass
class Answer:
    http: int
    body: dict[str, Any]
    headers: Any

    @property
    def status(self):
        return self.body["status"]

    @property
    def contents(self):
        return self.body["contents"]

    @property
    def errors(self):
        return self.body["errors"]

    @property
    def failure(self):
        return self.http, self.status, self.errors


class Api:
    """Nobody, unless a token or a session says who."""

    def __init__(self, token="", session=None):
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if session is not None:
            self.client.force_login(session, backend="accounts.backends.RoleBackend")
            self.client.get(reverse("accounts:sign_in"))
            self.headers["X-CSRFToken"] = self.client.cookies["__Host-csrftoken"].value

    def get(self, path, query=None, **kwargs):
        return self._answer(self.client.get(path, _texts(query or {}), headers=self.headers, **kwargs))

    def post(self, path, body=None, **kwargs):
        return self.send("POST", path, body, **kwargs)

    def patch(self, path, body=None, **kwargs):
        return self.send("PATCH", path, body, **kwargs)

    def delete(self, path, body=None, **kwargs):
        return self.send("DELETE", path, body, **kwargs)

    def send(self, method, path, body=None, content_type="application/json", headers=None):
        data = body if isinstance(body, str | bytes) else json.dumps(body or {})
        return self._answer(
            self.client.generic(method, path, data, content_type=content_type, headers=self.headers | (headers or {}))
        )

    def _answer(self, response):
        content = b"".join(response.streaming_content) if response.streaming else response.content
        return Answer(response.status_code, json.loads(content) if content else {}, response.headers)


def _texts(query):
    return {key: value if isinstance(value, str | int) else json.dumps(value) for key, value in query.items()}


def as_person(user, scopes=None):
    return Api(token=bearer(user) if scopes is None else bearer(user, scopes))


def as_app(*scopes):
    return Api(token=bearer(scopes=scopes) if scopes else bearer())


def in_session(user):
    return Api(session=user)
