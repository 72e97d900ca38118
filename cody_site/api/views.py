"""What every API route does before and after its own work."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated, ParseError, Throttled, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.viewsets import ViewSet

from cody_site.api import params
from cody_site.api.envelope import Keys, page, whole
from cody_site.api.operations import Operation
from cody_site.api.permissions import Access
from cody_site.api.throttles import Anonymous
from cody_site.api.walk import Walk
from cody_site.errors import Missing


class Paging(params.Params):
    """R10: `limit` 1..1000, `after` the cursor of the answer before."""

    limit = params.Integer(least=1, most=1000, required=False)
    after = params.Integer(required=False)


class Route(ViewSet):
    """A route of the manual: its `access` table says who may call which action; nothing else may be called."""

    http_method_names = ["get", "post", "patch", "delete", "head"]
    access: ClassVar[dict[str, Access]] = {}
    operations: ClassVar[dict[str, Operation]] = {}
    """What the API's document tells of each action."""

    named_if_missing: ClassVar[frozenset[str]] = frozenset()
    """Parameters whose absence the manual answers by name, `Cannot find key 'rule'`, instead of the shared words."""

    throttles: ClassVar[dict[str, list[type[BaseThrottle]]]] = {}
    """Throttles of an action, besides the one that counts every request."""

    given: dict[str, Any]
    counted = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The checks in the order of R33: 405, 415, 413, malformed 400, then REST framework's 401, 403 and 429."""
        if (request.method or "").lower() not in self.action_map:
            raise MethodNotAllowed(request.method or "")
        self.read_body(request)
        super().initial(request, *args, **kwargs)
        request._request.caller_key = request.auth.key  # type: ignore[attr-defined]  # noqa: SLF001 -- for the log
        self.given = params.gather(request)

    def read_body(self, request: Request) -> None:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            raise ParseError  # WSGI gives no body without a length; better refused than taken as empty
        media_type = (request.content_type or "").split(";")[0].strip().lower()
        reads = request.method not in ("GET", "HEAD")
        if reads and media_type and media_type not in {parser.media_type for parser in self.parser_classes}:
            raise UnsupportedMediaType(media_type)
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.max_body_bytes:
            raise RequestDataTooBig
        if reads or media_type == "application/json":
            request.data  # noqa: B018 -- parses, and raises what there is to raise

    @property
    def max_body_bytes(self) -> int:
        return int(settings.API_MAX_BODY_BYTES)

    def get_throttles(self) -> list[BaseThrottle]:
        return [*super().get_throttles(), *(throttle() for throttle in self.throttles.get(self.action, ()))]

    def check_throttles(self, request: Request) -> None:
        self.counted = True
        super().check_throttles(request)

    def handle_exception(self, exc: Exception) -> Response:
        """What was refused before any throttle saw it still counts for its address."""
        if not self.counted:
            self.counted = True
            throttle = Anonymous()
            if not throttle.allow_request(self.request, self):
                exc = Throttled(throttle.wait())
        return super().handle_exception(exc)

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        if self.actor.is_anonymous:
            raise NotAuthenticated
        super().permission_denied(request, message, code)

    @property
    def actor(self) -> Any:
        """Who calls: the accounts.actors.Actor that the authenticator made."""
        return self.request.auth

    def parsed(self, wanted: type[params.Params]) -> dict[str, Any]:
        """The route's parameters as Python values, or Missing or Mistyped."""
        try:
            return params.parse(wanted, self.given)
        except Missing as missing:
            if missing.value in self.named_if_missing:
                raise MissingKey(missing.value) from None
            raise

    def answer_list(self, walk: Walk, keys: Keys) -> HttpResponseBase:
        """The rows, oldest first: one page if `limit` asks for it, else all of them (R10)."""
        paging = self.parsed(Paging)
        if "limit" in paging:
            return page(walk, keys, **paging)
        return whole(walk, keys, **paging)

    def answer_change(
        self, key: str, selection: params.Selection, *, matched: int, changed: int, **more: object
    ) -> Response:
        """The answer of PATCH and DELETE (R35)."""
        info = {
            "baseChange": selection.text,
            "affected": matched,
            "message": f"Rows matched: {matched}  Changed: {changed}",
        }
        return Response({"res": True, key: info | more})

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class MissingKey(Missing):
    """The manual's `Cannot find key 'rule'`."""

    def __str__(self) -> str:
        return f"Cannot find key '{self.value}'"
