"""Fields of the admin's forms."""

from typing import Any

from django import forms


class RowChoice(forms.ModelChoiceField):
    """One of some rows, by its key."""

    def to_python(self, value: Any) -> Any:
        """Refuses a number that no key can be by itself: SQLite's driver raises OverflowError."""
        if isinstance(value, str) and len(value) > 18:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)
