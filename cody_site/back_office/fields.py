"""Fields of the back-office's forms."""

from typing import Any

from django import forms

from accounts.models import Designer


class RowChoice(forms.ModelChoiceField):
    """One of some rows, by its key."""

    def to_python(self, value: Any) -> Any:
        """Refuses a number that no key can be by itself: SQLite's driver raises OverflowError."""
        if isinstance(value, str) and len(value) > 18:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class DesignerChoice(RowChoice):
    """A designer, of those whom the form lets choose from once it knows who asks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"queryset": Designer.objects.none(), "empty_label": None} | options)
