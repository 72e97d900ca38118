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


class SalonDate(Spelt):
    """The salon's day of an instant, as `YYYYMMDD`; Seoul keeps no summer time."""

    output_field = models.CharField()
    postgresql = "to_char(%(expressions)s AT TIME ZONE 'Asia/Seoul', 'YYYYMMDD')"
    sqlite = "REPLACE(DATE(%(expressions)s, '+9 hours'), '-', '')"


class SalonTime(Spelt):
    """The salon's wall clock at an instant, as `HH:MM`."""

    output_field = models.CharField()
    postgresql = "to_char(%(expressions)s AT TIME ZONE 'Asia/Seoul', 'HH24:MI')"
    sqlite = "SUBSTR(TIME(%(expressions)s, '+9 hours'), 1, 5)"


class SalonMoment(Spelt):
    """The salon's wall clock at an instant, as `YYYYMMDD-HH:MM:SS`."""

    output_field = models.CharField()
    postgresql = "to_char(%(expressions)s AT TIME ZONE 'Asia/Seoul', 'YYYYMMDD-HH24:MI:SS')"
    sqlite = "REPLACE(DATE(%(expressions)s, '+9 hours'), '-', '') || '-' || TIME(%(expressions)s, '+9 hours')"


class SalonMinute(Spelt):
    """The salon's wall clock at an instant, as `YYYYMMDD-HH:MM`."""

    output_field = models.CharField()
    postgresql = "to_char(%(expressions)s AT TIME ZONE 'Asia/Seoul', 'YYYYMMDD-HH24:MI')"
    sqlite = (
        "REPLACE(DATE(%(expressions)s, '+9 hours'), '-', '') || '-' || SUBSTR(TIME(%(expressions)s, '+9 hours'), 1, 5)"
    )
