"""Fields of the back-office's forms."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.fields import RowChoice
from accounts.models import Designer


class DesignerChoice(RowChoice):
    """A designer, of those whom the form lets choose from once it knows who asks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"queryset": Designer.objects.none(), "empty_label": None} | options)


def offer(form: forms.Form, name: str, *, rows: QuerySet | None = None, choices: Iterable[Any] | None = None) -> None:
    """Let a field of this form choose from these, which depend on who asks."""
    field: Any = form.fields[name]
    if rows is not None:
        field.queryset = rows
    if choices is not None:
        field.choices = list(choices)
