"""What a customer tells the designer beforehand."""

from typing import Any

from django import forms

LONGEST, KEPT = 1000, 5000
"""Characters of a note, and of what is typed as one and may still be shortened."""


class Note(forms.CharField):
    """Optional; a line ends with one character, as browsers count and the API's clients write."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, required=False, **kwargs)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")
