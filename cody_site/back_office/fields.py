"""Fields of the back-office's forms."""

from typing import Any

from accounts.fields import RowChoice
from accounts.models import Designer


class DesignerChoice(RowChoice):
    """A designer, of those whom the form lets choose from once it knows who asks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"queryset": Designer.objects.none(), "empty_label": None} | options)
