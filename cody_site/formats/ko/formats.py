"""Dates as Koreans write them; Django's own put the hour before 오전."""

DATE_FORMAT = "Y년 n월 j일 (D)"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "Y. n. j. H:i"
