"""Admin forms that act through the services, so that the admin is one more door to the same rules."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin as UnfoldAdmin

from accounts.actors import Actor, Door
from cody_site.errors import Refusal

M = TypeVar("M", bound=Model)


class ActForm(forms.ModelForm, Generic[M]):
    """A model form whose validation ends with the act: what the service refuses is an error of the form.

    Nothing typed is lost, and saving has nothing left to do.
    """

    actor: ClassVar[Actor]
    act: ClassVar[Callable[[Any], Model]]
    """ActingAdmin.act, for this request's actor."""

    instance: M

    @property
    def is_new(self) -> bool:
        return self.instance._state.adding  # noqa: SLF001 -- Django's documented flag

    def _post_clean(self) -> None:
        if self.errors:
            return
        try:
            self.instance = type(self).act(self)  # type: ignore[assignment]
        except Refusal as refusal:
            self.add_error(None, refusal.told)

    def save(self, commit: bool = True) -> M:
        return self.instance

    def _save_m2m(self) -> None:
        pass

    save_m2m = _save_m2m


class _OwnTransactions(ModelAdmin):
    """The services open their own transactions, and must not find themselves inside another one."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined, no-any-return]


class Desk(UnfoldAdmin):
    """The base of every admin here."""

    list_per_page = 50
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Lists are filtered by their declared filters only.

        Django lets anybody who sees a list filter it by any column of its own: `?password__startswith=` would tell a
        hash, and `?text__contains=` the link in a mail, letter by letter.
        """
        return lookup.split("__")[0] in {"id", "pk", self.date_hierarchy, *map(_parameter, self.list_filter)}

    def act_on_each(self, request: HttpRequest, rows: Iterable[M], act: Callable[[M], object], done: str) -> None:
        """Do the same to each row; say how many went well and why the others did not."""
        count, refused = 0, 0
        for row in rows:
            try:
                act(row)
            except Refusal as refusal:
                refused += 1
                self.message_user(request, f"{row}: {refusal.told}", messages.ERROR)
            else:
                count += 1
        if count:
            self.message_user(request, done.format(count=count))
        elif not refused:
            self.message_user(request, "고른 것 가운데 그렇게 할 수 있는 것이 없습니다.", messages.WARNING)

    def confirmed(
        self, request: HttpRequest, title: str, rows: Iterable[object], *, warning: str = ""
    ) -> HttpResponse | None:
        """A page that asks first, with what it is about; None once the person has said yes there."""
        if request.method == "POST" and "confirmed" in request.POST:
            return None
        context = self.admin_site.each_context(request) | {
            "title": title,
            "rows": list(rows),
            "warning": warning,
            "opts": self.opts,
            "action": request.POST.get("action", ""),
            "selected": request.POST.getlist("_selected_action"),
        }
        return TemplateResponse(request, "admin/confirm.html", context)


def _parameter(entry: Any) -> str:
    """The query parameter of an entry of list_filter: a field, a (field, class), or a class that names its own."""
    if isinstance(entry, str):
        return entry
    return str(entry[0] if isinstance(entry, tuple) else entry.parameter_name)


class ActingAdmin(Desk, _OwnTransactions):
    """An admin whose form is an ActForm; nothing is ever deleted here."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        actor = actor_of(request)
        return type(form.__name__, (form,), {"actor": actor, "act": partial(self.act, actor)})

    def act(self, by: Actor, form: Any) -> Model:
        """Do what the valid form says, by a service; a Refusal becomes the form's error."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form has acted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def actor_of(request: HttpRequest) -> Actor:
    return Actor(Door.ADMIN, user=request.user if request.user.is_authenticated else None)
