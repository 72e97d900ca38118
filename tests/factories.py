"""One factory per model, traits for states; nothing random that matters."""

import datetime as dt
import secrets

import factory
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, set_token_value

from accounts.models import (
    AccountType,
    CalendarFeed,
    Client,
    Consent,
    ConsentKind,
    Designer,
    Mail,
    Policy,
    Session,
    TimeOff,
    User,
    Weekday,
    WorkingHours,
)
from accounts.oauth import SCOPES
from board.models import Comment, CommentPhoto, Post, PostPhoto
from cody_site.models import Access, AccessLog, Tick
from media_store.models import Kind, Photo, PortfolioPhoto, Portrait, Rendition
from payments.models import (
    ConsultationTerms,
    IdempotencyKey,
    Payment,
    PaymentDue,
    PaymentEvent,
    PaymentItem,
    Product,
    Refund,
    RefundState,
    Schedule,
    State,
    What,
    When,
)
from reservations.models import Act, ClientNote, Move, Reminder, Reservation, ReservationPhoto, Wait

SPANS = [(dt.time(10), dt.time(13)), (dt.time(14), dt.time(20))]


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    class Params:
        reachable = factory.Trait(email_confirmed_at=factory.LazyFunction(timezone.now))
        finance = factory.Trait(type=AccountType.FINANCE_MANAGER)
        system = factory.Trait(type=AccountType.SYSTEM_MANAGER)
        staff = factory.Trait(type=AccountType.ADMINISTRATOR)
        tester = factory.Trait(type=AccountType.TEST)
        gone = factory.Trait(name="", pn="", email="", birth=None, withdrawn_at=factory.LazyFunction(timezone.now))

    userid = factory.Sequence(lambda n: f"user{n}")
    type = AccountType.CUSTOMER
    name = factory.Sequence(lambda n: f"김손님{n}")
    pn = factory.Sequence(lambda n: f"+8210{20000000 + n}")
    email = factory.LazyAttribute(lambda user: f"{user.userid}@example.com")
    birth = dt.date(1990, 5, 17)


class DesignerFactory(factory.django.DjangoModelFactory):
    """Works every day from 10 to 13 and from 14 to 20; `hours=[]` for one who never does."""

    class Meta:
        model = Designer
        skip_postgeneration_save = True

    user = factory.SubFactory(UserFactory, type=AccountType.DESIGNER)
    max_per_hour = 4
    slot_minutes = 30

    @factory.post_generation
    def hours(self, create, spans, **kwargs):
        WorkingHours.objects.bulk_create(
            WorkingHours(designer=self, weekday=weekday, start=start, end=end)
            for weekday in Weekday
            for start, end in (SPANS if spans is None else spans)
        )


class WorkingHoursFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = WorkingHours

    designer = factory.SubFactory(DesignerFactory, hours=[])
    weekday = Weekday.TUESDAY
    start = dt.time(10)
    end = dt.time(13)


class TimeOffFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TimeOff

    starts_at = factory.LazyFunction(timezone.now)
    ends_at = factory.LazyAttribute(lambda off: off.starts_at + dt.timedelta(days=1))
    reason = "휴가"


class PolicyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Policy

    @classmethod
    def _create(cls, model_class, **values):
        return model_class.objects.update_or_create(pk=1, defaults=values)[0]


class ReservationFactory(factory.django.DjangoModelFactory):
    """In the first free seat at 10 o'clock of the day after tomorrow, unless told otherwise."""

    class Meta:
        model = Reservation

    class Params:
        trashed = factory.Trait(trashed_at=factory.LazyFunction(timezone.now))

    customer = factory.SubFactory(UserFactory)
    designer = factory.SubFactory(DesignerFactory)
    date = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=2))
    time = dt.time(10)
    capacity = factory.LazyAttribute(lambda row: row.designer.max_per_hour)
    seat = factory.LazyAttribute(
        lambda row: (
            1
            + Reservation.objects.live().filter(designer=row.designer, date=row.date, time__hour=row.time.hour).count()
        )
    )


class PhotoFactory(factory.django.DjangoModelFactory):
    """A live row; its bytes are in no storage."""

    class Meta:
        model = Photo

    class Params:
        uploading = factory.Trait(live_at=None)
        trashed = factory.Trait(
            trashed_at=factory.LazyFunction(timezone.now),
            destroy_after=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=30)),
        )

    uploader = factory.SubFactory(UserFactory)
    filename = "머리.png"
    content_type = "image/png"
    size = 68
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    storage_key = factory.Sequence(lambda n: f"2026/03/03/{n}")
    live_at = factory.LazyFunction(timezone.now)


class RenditionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Rendition

    photo = factory.SubFactory(PhotoFactory)
    kind = Kind.SMALL
    content_type = "image/webp"
    size = 68
    sha256 = "0" * 64
    storage_key = factory.Sequence(lambda n: f"2026/03/03/r{n}")


class PortraitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Portrait

    designer = factory.SubFactory(DesignerFactory)
    photo = factory.SubFactory(PhotoFactory, uploader=factory.SelfAttribute("..designer.user"))


class PortfolioPhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PortfolioPhoto

    designer = factory.SubFactory(DesignerFactory)
    photo = factory.SubFactory(PhotoFactory, uploader=factory.SelfAttribute("..designer.user"))
    position = 0


class PostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Post

    class Params:
        trashed = factory.Trait(trashed_at=factory.LazyFunction(timezone.now))

    author = factory.SubFactory(UserFactory)
    title = "단발로 바꿨어요"
    cont = "어깨까지 기르던 머리를 잘랐습니다."
    ip = "192.0.2.1"


class CommentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Comment

    class Params:
        deleted = factory.Trait(trashed_at=factory.LazyFunction(timezone.now))

    post = factory.SubFactory(PostFactory)
    author = factory.SubFactory(UserFactory)
    title = "예뻐요"
    cont = "저도 같은 길이로 하고 싶네요."
    ip = "192.0.2.1"


class PostPhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PostPhoto

    post = factory.SubFactory(PostFactory)
    photo = factory.SubFactory(PhotoFactory)
    position = 0


class CommentPhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CommentPhoto

    comment = factory.SubFactory(CommentFactory)
    photo = factory.SubFactory(PhotoFactory)
    position = 0


class ReservationPhotoFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ReservationPhoto

    reservation = factory.SubFactory(ReservationFactory)
    photo = factory.SubFactory(PhotoFactory)
    position = 0


class ConsentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Consent

    user = factory.SubFactory(UserFactory)
    kind = ConsentKind.TERMS
    version = dt.date(2026, 1, 1)


class SessionFactory(factory.django.DjangoModelFactory):
    """Somebody's browser elsewhere; its data say nothing."""

    class Meta:
        model = Session

    session_key = factory.Sequence(lambda n: f"session{n:025}")
    session_data = ""
    expire_date = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=14))
    user = factory.SubFactory(UserFactory)
    device = "iPhone · Safari"
    ip = "192.0.2.1"


class MailFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Mail

    user = factory.SubFactory(UserFactory)
    message_id = factory.Sequence(lambda n: f"<{n}@cdeday.example>")
    to = factory.LazyAttribute(lambda mail: mail.user.email)
    subject = "제목"
    text = "내용"
    html = "<p>내용</p>"


class MoveFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Move

    reservation = factory.SubFactory(ReservationFactory)
    act = Act.BOOKED
    door = "api"


class CalendarFeedFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CalendarFeed

    user = factory.SubFactory(UserFactory)


class WaitFactory(factory.django.DjangoModelFactory):
    """For anyone on the day after tomorrow, still in line; `held` for an offer of half an hour at 10 o'clock."""

    class Meta:
        model = Wait

    class Params:
        held = factory.Trait(
            offered_at=factory.LazyFunction(timezone.now),
            offered_until=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(minutes=30)),
            offered_designer=factory.LazyAttribute(lambda wait: wait.designer or DesignerFactory()),
            offered_time=dt.time(10),
        )
        over = factory.Trait(ended_at=factory.LazyFunction(timezone.now), ended_as="left")

    customer = factory.SubFactory(UserFactory, reachable=True)
    designer = None
    date = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=2))


class ReminderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Reminder

    reservation = factory.SubFactory(ReservationFactory)
    date = factory.LazyAttribute(lambda reminder: reminder.reservation.date)
    time = factory.LazyAttribute(lambda reminder: reminder.reservation.time)
    mail = factory.SubFactory(MailFactory)


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"커트 상담 {n}")
    price = 30_000


class ConsultationTermsFactory(factory.django.DjangoModelFactory):
    """A consultation is free, `later=True` or `prepaid=True`."""

    class Meta:
        model = ConsultationTerms

    class Params:
        later = factory.Trait(when=When.LATER, product=factory.SubFactory(ProductFactory))
        prepaid = factory.Trait(when=When.PREPAID, product=factory.SubFactory(ProductFactory))

    @classmethod
    def _create(cls, model_class, **values):
        return model_class.objects.update_or_create(pk=1, defaults=values)[0]


class PaymentDueFactory(factory.django.DjangoModelFactory):
    """Twenty minutes for a card, a day for a virtual account."""

    class Meta:
        model = PaymentDue

    reservation = factory.SubFactory(ReservationFactory)
    product = factory.SubFactory(ProductFactory)
    amount = factory.LazyAttribute(lambda due: due.product.price)
    pay_by = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(minutes=20))
    deposit_by = factory.LazyAttribute(lambda due: due.pay_by + dt.timedelta(hours=24))


class ScheduleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Schedule

    payer = factory.SubFactory(UserFactory)
    method = "card"


class PaymentFactory(factory.django.DjangoModelFactory):
    """Paid, unless told otherwise; IMP knows nothing of it."""

    class Meta:
        model = Payment

    class Params:
        failed = factory.Trait(state=State.FAILED, imp_uid="", fail_reason="결제승인에 실패하였습니다.")
        pending = factory.Trait(state=State.PENDING, imp_uid="")
        account = factory.Trait(
            method="vbank", card_number="", vbank_num="12345678901234", vbank_code="004", vbank_name="KB국민은행",
            vbank_holder="홍길동", vbank_due=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=3)),
        )  # fmt: skip
        scheduled = factory.Trait(
            state=State.SCHEDULED, imp_uid="",
            due_at=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=1)),
            schedule=factory.SubFactory(
                ScheduleFactory, payer=factory.SelfAttribute("..payer"), method=factory.SelfAttribute("..method")
            ),
        )  # fmt: skip

    payer = factory.SubFactory(UserFactory)
    method = "card"
    state = State.PAID
    imp_uid = factory.Sequence(lambda n: f"imp_{n:012}")
    amount = 30_000
    paid_amount = factory.LazyAttribute(lambda row: row.amount if row.state == State.PAID else 0)
    paid_at = factory.LazyAttribute(lambda row: timezone.now() if row.state == State.PAID else None)
    basket = factory.Sequence(str)
    card_number = "5361-4890-****-1704"
    requested_at = factory.LazyFunction(timezone.now)


class PaymentItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PaymentItem

    payment = factory.SubFactory(PaymentFactory)
    product = factory.SubFactory(ProductFactory)
    name = factory.LazyAttribute(lambda item: item.product.name)
    price = factory.LazyAttribute(lambda item: item.product.price)
    quantity = 1


class PaymentEventFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PaymentEvent

    payment = factory.SubFactory(PaymentFactory)
    what = What.CREATED
    door = "api"


class RefundFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Refund

    payment = factory.SubFactory(PaymentFactory)
    state = RefundState.DONE
    amount = 10_000
    checksum = factory.LazyAttribute(lambda refund: refund.payment.paid_amount)
    reason = "고객 요청"


class IdempotencyKeyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = IdempotencyKey

    caller = "user:1"
    route = "onetime"
    key = factory.Sequence(lambda n: f"key-{n}")
    fingerprint = "0" * 64
    payment = factory.SubFactory(PaymentFactory)


class ClientFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Client

    class Params:
        public = factory.Trait(
            client_type=Client.CLIENT_PUBLIC,
            authorization_grant_type=Client.GRANT_AUTHORIZATION_CODE,
            redirect_uris="cdeday://callback",
            client_secret=factory.LazyFunction(secrets.token_urlsafe),
        )

    name = factory.Sequence(lambda n: f"app {n}")
    client_id = factory.Sequence(lambda n: f"client-{n}")
    client_secret = "client-secret"
    client_type = Client.CLIENT_CONFIDENTIAL
    authorization_grant_type = Client.GRANT_CLIENT_CREDENTIALS
    scope = " ".join(SCOPES)


def bearer(user=None, scopes=SCOPES, *, client=None, expires_in=3600):
    """A stored access token's text: a person's, or with no user the app client's own."""
    raw = secrets.token_urlsafe(24)
    token = get_access_token_model()(
        user=user,
        application=client or ClientFactory(),
        scope=" ".join(scopes),
        expires=timezone.now() + dt.timedelta(seconds=expires_in),
    )
    set_token_value(token, raw)
    token.save()
    return raw


class ClientNoteFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ClientNote

    customer = factory.SubFactory(UserFactory)
    text = "두피가 예민합니다."
    by = factory.SubFactory(UserFactory, staff=True)


class AccessLogFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AccessLog

    by = factory.SubFactory(UserFactory, staff=True)
    what = Access.CARD
    subject = factory.SubFactory(UserFactory)
    ip = "127.0.0.1"


class TickFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Tick

    pk = 1
