"""Dates as Koreans write them; Django's own put the hour before 오전."""

DATE_FORMAT = "Y년 n월 j일 (D)"
TIME_FORMAT = "H:i"
SHORT_DATE_FORMAT = "Y. n. j. (D)"
SHORT_DATETIME_FORMAT = "Y. n. j. H:i"
YEAR_MONTH_FORMAT = "Y년 n월"
MONTH_DAY_FORMAT = "n월 j일"
DATETIME_FORMAT = "Y. n. j. H:i"
