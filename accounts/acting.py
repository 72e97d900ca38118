"""Admin forms that act through the services, so that the admin is one more door to the same rules."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin, ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import SuspiciousOperation
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin as UnfoldAdmin

from accounts.actors import Actor, Door
from accounts.fields import RowChoice
from accounts.lists import MOST, Bounded, Days, is_key
from accounts.models import STAFF, User
from cody_site.errors import Refusal

M = TypeVar("M", bound=Model)

KEYS = {"id", "pk", "id__exact", "pk__exact", "id__in", "pk__in"}
"""How a list may be asked for some of its rows."""


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
    """The base of every admin here.

    Its lists stay quick over very many rows: nothing is counted to the end, sorted by what has no index, or searched
    for by reading the table.
    """

    list_per_page = 25
    list_max_show_all = 0
    list_disable_select_all = True  # an act is for rows that one has seen
    list_before_template = "admin/list_before.html"
    paginator: ClassVar[Any] = Bounded
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by: ClassVar[Any] = ()
    """Columns with an index."""

    search_fields: ClassVar[Any] = ()
    """What of the row's own one looks for, whole and therefore by an index: `id` (or another's), `payment_uid`."""

    search_person: ClassVar[str] = ""
    """The foreign key to the person whom the words mean (`User.objects.matching`); `pk` in the list of people."""

    search_words: ClassVar[str] = ""
    """The column of which a part is looked for when nothing else is meant; it has an index of letter_pairs."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """By the row's own number (`#123` is nothing else), by the person, or by a part of its words."""
        words = search_term.replace("\x00", "").strip()
        return (self._found(queryset, words, actor_of(request)) if words else queryset), False

    def _found(self, rows: QuerySet, words: str, by: Actor) -> QuerySet:
        own = self._own(words)
        if words.startswith("#"):
            return rows.filter(own)
        people = self._people(words, by)
        if words.isdecimal() and "__" not in self.search_person:
            return rows.filter(own | people)  # four digits are a number, and the end of a telephone number
        found = rows.filter(own)
        if self.search_person and not found.exists():
            found = rows.filter(people)
        if self.search_words and not found.exists():
            found = rows.filter(**{f"{self.search_words}__fragment": words})
        return found

    def _people(self, words: str, by: Actor) -> Q:
        """Few people are named to the database one by one, so that it uses the indexes of their rows.

        Who may not read a telephone number does not find anybody by it either.
        """
        if not self.search_person:
            return Q(pk__in=[])
        known = User.objects.all() if by.account_type in STAFF else User.objects.clients_of(by)
        people = known.matching(words).values_list("pk", flat=True)
        few = list(people[: MOST + 1])
        return Q(**{f"{self.search_person}__in": few if len(few) <= MOST else people})

    def _own(self, words: str) -> Q:
        own, number = Q(pk__in=[]), words.removeprefix("#")
        for field in self.search_fields:
            if field != "id" and not field.endswith("_id"):
                own |= Q(**{field: words})
            elif number.isdecimal() and len(number) < 19:  # what a key can be
                own |= Q(**{field: int(number)})
        return own

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Lists are filtered by their declared filters only.

        Django lets anybody who sees a list filter it by any column of its own: `?password__startswith=` would tell a
        hash, `?by__password__startswith=` another's, and `?text__contains=` the link in a mail, letter by letter.
        """
        if lookup in KEYS:
            return all(is_key(part) for part in value.split(","))
        declared = {name for entry in self.list_filter for name in _parameters(entry)}
        return lookup in declared

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise SuspiciousOperation
        return super().changelist_view(request, extra_context)

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **{"form_class": RowChoice} | kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What a link fills in, but for rows that there cannot be."""
        initial = super().get_changeform_initial_data(request)
        rows = {field.name for field in self.opts.fields if isinstance(field, ForeignKey)}
        return {name: value for name, value in initial.items() if name not in rows or is_key(value)}

    def act_on_each(
        self, request: HttpRequest, rows: Iterable[M], act: Callable[[M], object], done: str | Promise
    ) -> None:
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
            self.message_user(request, str(done).format(count=count))
        elif not refused:
            self.message_user(request, _("고른 것 가운데 그렇게 할 수 있는 것이 없습니다."), messages.WARNING)

    def confirmed(
        self,
        request: HttpRequest,
        title: str | Promise,
        rows: Iterable[object],
        *,
        warning: str | Promise = "",
        back: str = "",
    ) -> HttpResponse | None:
        """A page that asks first, with what it is about; None once the person has said yes there."""
        if request.method == "POST" and "confirmed" in request.POST:
            return None
        context = self.admin_site.each_context(request) | {
            "title": title,
            "rows": list(rows),
            "warning": warning,
            "back": back,
            "opts": self.opts,
            "action": request.POST.get("action", ""),
            "selected": request.POST.getlist("_selected_action"),
        }
        return TemplateResponse(request, "admin/confirm.html", context)


def _parameters(entry: Any) -> list[str]:
    """The query parameters of an entry of list_filter: of a field, a (field, class), or a class that names its own."""
    field = entry[0] if isinstance(entry, tuple) else entry
    if isinstance(field, str):
        return [field, *(f"{field}__{lookup}" for lookup in ("exact", "isnull", "isempty"))]
    if issubclass(entry, Days):
        return [*entry.parameters(), f"{entry.parameter_name}__exact"]
    return [entry.parameter_name]


class ToRead(Desk):
    """Rows that services write and nobody edits; what happened to them is told on their page, not in Django's log."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        told = (extra_context or {}) | {"show_history": False}
        page: HttpResponse = super().changeform_view(request, object_id, form_url, told)
        return page


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
