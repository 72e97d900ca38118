"""The manual's spellings, written by the database: nothing is done per row in Python that SQL can do per query."""

from django.db import models

from cody_site.sql import Spelt


class DateText(Spelt):
    """A date as `YYYYMMDD` (R8)."""

    output_field = models.CharField()
    postgresql = "to_char(%(expressions)s, 'YYYYMMDD')"
    sqlite = "REPLACE(%(expressions)s, '-', '')"


class BirthText(Spelt):
    """A date of birth as `YYYY.MM.DD` (R8)."""

    output_field = models.CharField()
    postgresql = "to_char(%(expressions)s, 'YYYY.MM.DD')"
    sqlite = "REPLACE(%(expressions)s, '-', '.')"


class TimeText(Spelt):
    """A time as `HH:MM` (R8)."""

    output_field = models.CharField()
    postgresql = "to_char(%(expressions)s, 'HH24:MI')"
    sqlite = "SUBSTR(%(expressions)s, 1, 5)"
