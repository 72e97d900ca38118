import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cody_site.models import Access, AccessLog
from tests.factories import AccessLogFactory, DesignerFactory, TimeOffFactory, UserFactory

pytestmark = pytest.mark.django_db


def at(day, hour, minute=0, month=2):
    return timezone.make_aware(dt.datetime(2026, month, day, hour, minute))


def told(**options):
    out = io.StringIO()
    call_command("access_report", stdout=out, **options)
    return out.getvalue().splitlines()


def test_a_month_without_entries_says_so():
    assert told() == [
        "개인정보 접근 기록, 2026-02-01 – 2026-02-28", "", "사람별", "  없음", "", "내보내기", "  없음", "",
        "살펴볼 것", "  없음",
    ]  # fmt: skip


def test_last_month_is_told_by_person_with_exports_and_oddities():
    DesignerFactory()  # every day from 10 to 13 and from 14 to 20
    TimeOffFactory(designer=None, starts_at=at(10, 0), ends_at=at(11, 0))
    boss = UserFactory(staff=True, userid="boss", name="한서연")
    kim = UserFactory(userid="kim", name="김하늘")
    hana = UserFactory()
    for moment in (at(3, 10), at(3, 13, 30), at(3, 19, 59)):  # the break is no oddity
        AccessLogFactory(by=boss, subject=hana, at=moment)
    AccessLogFactory(by=kim, at=at(1, 0, 0))  # in UTC the month before; and before the salon opens
    AccessLogFactory(by=kim, at=at(3, 20, 0))
    AccessLogFactory(by=kim, at=at(10, 12))  # the salon was closed
    AccessLogFactory(by=kim, at=at(1, 0, 0, month=3))  # the next month
    for rows, reason in ((20, "명절 인사"), (1200, "세무사 요청")):
        AccessLog.objects.create(
            what=Access.EXPORT, by=boss, at=at(5, 15), rows=rows, reason=reason, detail="고객 목록", ip="192.0.2.1"
        )

    assert told(cards_a_day=2) == [
        "개인정보 접근 기록, 2026-02-01 – 2026-02-28",
        "",
        "사람별",
        "  한서연 (boss): 고객 카드 3번(고객 1명), 내보내기 2번(1220행)",
        "  김하늘 (kim): 고객 카드 3번(고객 3명), 내보내기 0번(0행)",
        "",
        "내보내기",
        "  2026-02-05 15:00 한서연 (boss): 고객 목록, 20행, 192.0.2.1. 사유: 명절 인사",
        "  2026-02-05 15:00 한서연 (boss): 고객 목록, 1200행, 192.0.2.1. 사유: 세무사 요청",
        "",
        "살펴볼 것",
        "  김하늘 (kim): 영업시간 밖에 3번(2026-02-01 00:00 – 2026-02-10 12:00)",
        "  한서연 (boss): 2026-02-03 하루에 고객 카드 3번",
    ]
    assert told(month="2026-03", cards_a_day=2)[3] == "  김하늘 (kim): 고객 카드 1번(고객 1명), 내보내기 0번(0행)"


def test_an_entry_by_nobody_and_a_salon_without_hours_are_told_too():
    AccessLogFactory(by=None, at=at(3, 12))

    assert told(month="2026-02")[3] == "  사람 아님: 고객 카드 1번(고객 1명), 내보내기 0번(0행)"
    assert told(month="2026-02")[-1] == "  사람 아님: 영업시간 밖에 1번(2026-02-03 12:00 – 2026-02-03 12:00)"


@pytest.mark.parametrize("month", ["2026-13", "2026", "0000-01", "지난달", "2026-02\n"])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(CommandError, match="--month is a month like 2026-11"):
        told(month=month)
