"""The demo salon: the same people, hours and stories every time, told relative to today."""

import datetime as dt
import random

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.clock import salon_now, salon_today
from accounts.models import AccountType, Client, Designer, User, Weekday, WorkingHours
from accounts.oauth import SCOPES
from cody_site.demo import board, payments, photos
from cody_site.demo.sign_ins import CLIENT_SECRET, PASSWORD
from reservations.models import Reservation, Status

STAFF = [
    ("staff", AccountType.ADMINISTRATOR, "한서연"),
    ("finance", AccountType.FINANCE_MANAGER, "오지훈"),
    ("system", AccountType.SYSTEM_MANAGER, "임도윤"),
    ("tester", AccountType.TEST, "시험용"),
]
DESIGNERS = [
    ("designer1", "김하늘", 1, "한 분 한 분 천천히. 퍼스널 컬러와 셀프 손질법까지 함께 이야기합니다."),
    ("designer2", "이준호", 2, "남성 커트와 다운펌. 아침 5분 손질이 되는 머리를 만듭니다."),
    ("designer3", "박소율", 4, "레이어드 커트와 볼륨펌. 얼굴형에 맞는 선을 찾아 드립니다."),
    ("designer4", "최민재", 4, "탈색 없는 컬러 전문. 손상 적은 염색을 연구합니다."),
]
CUSTOMERS = [
    "강예린", "고민석", "권나은", "김도현", "김서윤", "나윤아", "노지호", "문채원", "박건우", "배수아",
    "서하준", "송지안", "신유진", "안태오", "양다인", "유시우", "윤가온", "장은채", "조현우", "홍라희",
]  # fmt: skip
NOTES = [
    "앞머리를 내릴지 고민이에요.",
    "어깨 정도 길이로 레이어드 하고 싶어요.",
    "두피가 예민해서 순한 약으로 부탁드려요.",
    "결혼식이 있어서 오래가는 스타일이 좋아요.",
    "지난번처럼 해 주세요!",
    "애쉬 브라운이 어울릴지 궁금합니다.",
    "",
    "",
]
SPANS = [(dt.time(10), dt.time(13)), (dt.time(14), dt.time(20))]
OPEN_HOURS = [10, 11, 12, 14, 15, 16, 17, 18, 19]
FIRST_DAY, LAST_DAY = -30, 7


@transaction.atomic
def build() -> None:
    """Fill an empty database."""
    rng = random.Random(20200109)  # noqa: S311 -- the manual's date; the same salon every time
    password = make_password(PASSWORD)
    for userid, account_type, name in STAFF:
        _user(userid, account_type, name, password, rng)
    designers = [_designer(number, *about, password, rng) for number, about in enumerate(DESIGNERS)]
    customers = [
        _user(f"customer{number}", AccountType.CUSTOMER, name, password, rng)
        for number, name in enumerate(CUSTOMERS, start=1)
    ]
    photos.show(designers)
    open_to_apps()
    reservations = _reservations(designers, customers, rng)
    Reservation.objects.bulk_create(reservations, batch_size=500)
    people = {user.userid: user for user in [*customers, *(designer.user for designer in designers)]}
    board.write(people, random.Random(20200110))  # noqa: S311 -- a story of its own, told the same every time
    photos.attach_to(reservations, random.Random(20200111))  # noqa: S311 -- the same
    payments.pay(reservations, random.Random(20200112))  # noqa: S311 -- the same


def _user(userid: str, account_type: AccountType, name: str, password: str, rng: random.Random) -> User:
    return User.objects.create(
        userid=userid,
        type=account_type,
        name=name,
        pn=f"+8210{rng.randrange(2000, 9999)}{rng.randrange(1000, 9999)}",
        email=f"{userid}@example.com",
        email_confirmed_at=timezone.now(),
        birth=dt.date(rng.randrange(1970, 2005), rng.randrange(1, 13), rng.randrange(1, 28)),
        password=password,
    )


def _designer(
    order: int, userid: str, name: str, max_per_hour: int, introduction: str, password: str, rng: random.Random
) -> Designer:
    user = _user(userid, AccountType.DESIGNER, name, password, rng)
    designer = Designer.objects.create(
        user=user, max_per_hour=max_per_hour, slot_minutes=30, introduction=introduction, order=order
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(designer=designer, weekday=weekday, start=start, end=end)
        for weekday in Weekday
        if weekday != Weekday.MONDAY
        for start, end in SPANS
    )
    return designer


def open_to_apps() -> None:
    """The two app clients that sign_ins.py tells of."""
    Client.objects.create(
        client_id="demo-server",
        client_secret=CLIENT_SECRET,
        name="데모 서버",
        scope=" ".join([*SCOPES, "introspection"]),
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
    )
    Client.objects.create(
        client_id="demo-mobile",
        name="CDEDAY 앱",
        scope=" ".join(SCOPES),
        client_type=Client.CLIENT_PUBLIC,
        authorization_grant_type=Client.GRANT_AUTHORIZATION_CODE,
        password_grant=True,
        redirect_uris="cdeday://callback",
    )


def _reservations(designers: list[Designer], customers: list[User], rng: random.Random) -> list[Reservation]:
    now, today = salon_now(), salon_today()
    upcoming = dict.fromkeys((customer.pk for customer in customers), 0)
    rows: list[Reservation] = []
    for day in range(FIRST_DAY, LAST_DAY + 1):
        date = today + dt.timedelta(days=day)
        if date.weekday() == Weekday.MONDAY:
            continue
        busy: set[tuple[int, dt.time]] = set()
        for designer in designers:
            for hour in OPEN_HOURS:
                for seat in range(1, _guests(designer, day, rng) + 1):
                    time = dt.time(hour, rng.choice([0, 30]))
                    customer = rng.choice(customers)
                    passed = dt.datetime.combine(date, time) <= now
                    if (customer.pk, time) in busy or (not passed and upcoming[customer.pk] >= 2):
                        break
                    busy.add((customer.pk, time))
                    upcoming[customer.pk] += not passed
                    start = timezone.make_aware(dt.datetime.combine(date, time))
                    row = Reservation(
                        customer=customer, designer=designer, date=date, time=time, seat=seat,
                        capacity=designer.max_per_hour, note=rng.choice(NOTES),
                        created_at=min(start - dt.timedelta(days=rng.randrange(2, 14)), timezone.now()),
                    )  # fmt: skip
                    if passed and rng.random() < 0.07:
                        row.no_show_at = start + dt.timedelta(minutes=20)
                    elif passed:
                        row.status = Status.DONE
                    rows.append(row)
    return sorted(rows, key=lambda row: row.created_at)


def _guests(designer: Designer, day: int, rng: random.Random) -> int:
    """How many come in an hour: about half of what the designer takes; fewer in the days to come."""
    likely = 0.5 if day <= 0 else 0.12
    return sum(rng.random() < likely for _ in range(designer.max_per_hour))
