import datetime as dt
from zoneinfo import ZoneInfo

NOW = dt.datetime(2026, 3, 3, 9, 0, tzinfo=ZoneInfo("Asia/Seoul"))  # a Tuesday, an hour before the salon opens
