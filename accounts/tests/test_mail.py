"""The outbox, and what is mailed when."""

import datetime as dt
import re
import smtplib
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.utils import timezone, translation
from oauth2_provider.models import get_access_token_model

from accounts import mail, tasks
from accounts.models import Mail, Session, User
from tests.api import Api, as_person
from tests.factories import MailFactory, UserFactory, bearer
from tests.servers import free_port

pytestmark = pytest.mark.django_db

BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class Mailbox(Message):
    """An SMTP server's box; `refuse` is what it answers instead of taking a mail."""

    def __init__(self):
        super().__init__()
        self.mails, self.refuse = [], ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 -- aiosmtpd's name
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def handle_message(self, message):
        self.mails.append(message)


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    yield box
    server.stop()


def link(posted):
    return re.search(r"https?://[^/\s]+(/\S+)", posted.text)[1]


# ---------------------------------------------------------------- the outbox


def test_a_mail_goes_out_once_in_text_and_html_and_its_words_are_erased(mailbox):
    posted = mail.post(UserFactory(name="홍길동", userid="hong"), "confirm_address", to="h@example.com", path="/x/")

    assert (mail.send_due(), mail.send_due()) == (1, 0)

    (received,) = mailbox.mails
    assert (received["To"], received["Message-ID"]) == ("h@example.com", posted.message_id)
    text, html = (part.get_payload(decode=True).decode() for part in received.get_payload())
    assert "홍길동님, 안녕하세요." in text
    assert "http" in text
    assert "주소 확인하기" in html
    posted.refresh_from_db()
    assert (posted.sent_at, posted.text, posted.html, posted.attempts) == (timezone.now(), "", "", 1)


@pytest.mark.parametrize("template", ["confirm_address", "address_changed", "password_reset", "invitation"])
def test_every_mail_has_both_languages(template):
    with translation.override("en"):
        korean = mail.post(UserFactory(name="Hong", language="ko"), template, to="h@example.com", path="/x/")
    with translation.override("ko"):
        english = mail.post(UserFactory(name="Hong", language="en"), template, to="h@example.com", path="/x/")

    for posted in (korean, english):
        assert not re.search(r"[{}%]", posted.subject + posted.text)
    assert re.search("[가-힣]", korean.subject + korean.text + korean.html)
    assert not re.search("[가-힣]", english.subject + english.text + english.html)


def drafted(user, template="reservation_cancelled", *, about="thing 1", due_in=0):
    context = {"times": {"was": "2026-03-06T10:00"}, "was_designer": "민지", "number": 7}
    due_at = timezone.now() + dt.timedelta(minutes=due_in)
    mail.post_drafts([mail.draft(user, template, about=about, context=context, due_at=due_at)])
    return Mail.objects.latest("pk")


def test_a_draft_is_written_when_it_is_sent_and_then_erased(mailbox):
    posted = drafted(UserFactory(name="홍길동", reachable=True))
    assert (posted.subject, posted.text) == ("", "")

    assert mail.send_due() == 1

    assert "홍길동님, 안녕하세요." in mailbox.mails[0].get_payload()[0].get_payload(decode=True).decode()
    posted.refresh_from_db()
    assert posted.subject == "예약이 취소되었습니다: 3월 6일 금요일 오전 10:00"
    assert (posted.text, posted.html, posted.context) == ("", "", None)


def test_what_was_to_come_and_is_over_is_told_no_more(mailbox, clock):
    """The mail server was away for days."""
    posted = drafted(UserFactory(reachable=True))
    clock.move_to(dt.datetime(2026, 3, 6, 10, tzinfo=ZoneInfo("Asia/Seoul")))

    assert (mail.send_due(), mail.send_due(), mailbox.mails) == (0, 0, [])

    posted.refresh_from_db()
    assert (posted.failed_at, posted.last_error, posted.context) == (timezone.now(), mail.OVER, None)


def test_one_that_cannot_be_written_keeps_no_other_from_going(mailbox):
    user = UserFactory(reachable=True)
    broken = drafted(user, "there_is_no_such_template")
    drafted(user)

    assert mail.send_due() == 1

    broken.refresh_from_db()
    assert (broken.attempts, broken.lease, broken.last_error) == (1, None, "TemplateDoesNotExist")


def test_what_is_withdrawn_before_it_goes_leaves_no_trace():
    user = UserFactory(reachable=True)
    gone, other = drafted(user, due_in=10), drafted(user, about="thing 2")

    assert mail.withdraw(["thing 1"]) == [gone]

    assert list(Mail.objects.all()) == [other]
    assert mail.withdraw([""]) == []


def test_what_a_worker_has_claimed_and_was_withdrawn_is_not_handed_over_nor_tried_again(mailbox, monkeypatch):
    """The newer act commits between the worker's claim and its reading of the mail; then also after it."""
    posted = drafted(UserFactory(reachable=True))
    claim = mail.claim

    def claim_and_lose(pk):
        lease = claim(pk)
        mail.withdraw(["thing 1"])
        return lease

    monkeypatch.setattr(mail, "claim", claim_and_lose)
    assert mail.send_due() == 0
    assert (mailbox.mails, mail.send_due()) == ([], 0)
    posted.refresh_from_db()
    assert (posted.last_error, posted.lease, posted.context) == (mail.WITHDRAWN, None, None)


def test_what_people_write_cannot_shape_a_mail():
    user = UserFactory(name="<b>&amp;", userid="hong")

    posted = mail.post(user, "address_changed", to=user.email)

    assert "<b>&amp;님" in posted.text
    assert "&lt;b&gt;&amp;amp;님" in posted.html


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_mails_nothing(mailbox):
    class Stop(Exception):
        pass

    def fail():
        with transaction.atomic():
            mail.post(UserFactory(), "address_changed", to="a@example.com")
            assert mail.Mail.objects.count() == 1
            raise Stop

    with pytest.raises(Stop):
        fail()
    assert (mail.send_due(), mailbox.mails) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_nothing(settings, monkeypatch, mailbox):
    monkeypatch.setattr("accounts.mail.current_app.send_task", lambda *args, **kwargs: 1 / 0)

    with transaction.atomic():
        mail.post(UserFactory(), "address_changed", to="a@example.com")

    assert mail.send_due() == 1


def test_a_server_that_is_away_is_asked_again_later_and_later(settings, clock):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = BACKEND, "127.0.0.1", 1
    posted = MailFactory()
    pauses = []
    for _ in range(mail.ATTEMPTS):
        assert mail.send_due() == 0
        posted.refresh_from_db()
        pauses.append(posted.due_at - timezone.now())
        assert mail.send_due() == 0  # not before its time
        clock.shift(pauses[-1])

    assert pauses[:4] == [dt.timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)]
    assert max(pauses) == mail.LONGEST_PAUSE
    assert (posted.attempts, posted.failed_at is not None, posted.last_error) == (12, True, "ConnectionRefusedError")


@pytest.mark.parametrize(("answer", "over"), [("550 no such user", True), ("450 come later", False)])
def test_a_refused_address_is_given_up_and_a_busy_one_is_not(answer, over, mailbox):
    posted = MailFactory()
    mailbox.refuse = answer

    mail.send_due()

    posted.refresh_from_db()
    assert (posted.failed_at is not None, posted.last_error) == (over, "SMTPRecipientsRefused")


def test_two_workers_do_not_take_the_same_mail():
    posted = MailFactory()

    assert mail.claim(posted.pk) is not None
    assert mail.claim(posted.pk) is None


def test_who_has_lost_the_lease_has_no_say(clock):
    posted = MailFactory()
    slow = mail.claim(posted.pk)
    clock.shift(mail.LEASE + dt.timedelta(seconds=1))
    quick = mail.claim(posted.pk)

    mail.put_back(posted.pk, slow, smtplib.SMTPServerDisconnected())
    mail.note_sent(posted.pk, slow)
    posted.refresh_from_db()
    assert (posted.lease, posted.sent_at) == (quick, None)

    mail.note_sent(posted.pk, quick)
    posted.refresh_from_db()
    assert posted.sent_at is not None


@pytest.mark.parametrize(
    "broken",
    [
        {"sent_at": timezone.now()},
        {"sent_at": timezone.now(), "failed_at": timezone.now(), "text": "", "html": ""},
        {"leased_until": timezone.now()},
    ],
)
def test_the_database_refuses(broken):
    posted = MailFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.filter(pk=posted.pk).update(**broken)


# ---------------------------------------------------------------- what is mailed


SIGN_UP = {
    "userid": "hong",
    "pw": "long enough 1446",
    "type": 1,
    "name": "홍길동",
    "pn": "010-1234-5678",
    "email": "hong@example.com",
    "birth": "1990.12.31",
}


def test_a_new_address_is_confirmed_by_a_button_behind_a_link():
    Api().post("/user", SIGN_UP)
    posted = Mail.objects.get()
    path, browser = link(posted), Browser()

    asked = browser.get(path)
    assert User.objects.get().email_confirmed_at is None
    done = browser.post(path)

    assert (posted.to, asked.status_code, done.status_code) == ("hong@example.com", 200, 200)
    assert "hong@example.com 주소를 확인했습니다" in done.content.decode()
    assert User.objects.get().email_confirmed_at == timezone.now()


def test_a_stale_or_forged_link_confirms_nothing(clock):
    Api().post("/user", SIGN_UP)
    path = link(Mail.objects.get())

    forged = Browser().post(path.replace(":", "x:", 1))
    User.objects.update(email="other@example.com")
    changed = Browser().post(path)
    User.objects.update(email="hong@example.com")
    clock.shift(dt.timedelta(days=3, seconds=1))
    late = Browser().post(path)

    assert [answer.status_code for answer in (forged, changed, late)] == [400, 400, 400]
    assert User.objects.get().email_confirmed_at is None


def test_a_changed_address_is_told_to_both():
    me = UserFactory(email="old@example.com", email_confirmed_at=timezone.now())

    as_person(me).patch("/user", {"base": "all", "data": {"email": "new@example.com"}})
    as_person(me).patch("/user", {"base": "all", "data": {"email": "new@example.com", "name": "x"}})

    assert sorted(Mail.objects.values_list("to", "subject")) == [
        ("new@example.com", "이메일 주소를 확인해 주세요"),
        ("old@example.com", "이메일 주소가 바뀌었습니다"),
    ]


def test_a_forgotten_password_is_set_anew_once():
    user = UserFactory(userid="hong", email="hong@example.com", email_confirmed_at=timezone.now())
    token = bearer(user)
    browser = Browser()
    browser.post("/password/", {"email": "HONG@example.com"})
    path = link(Mail.objects.get())

    form = browser.get(path, follow=True)
    action = form.redirect_chain[-1][0]
    weak = browser.post(action, {"new_password1": "12345678", "new_password2": "12345678"})
    done = browser.post(action, {"new_password1": "quite another one", "new_password2": "quite another one"})

    user.refresh_from_db()
    assert (weak.status_code, 'class="errorlist"' in weak.content.decode()) == (200, True)
    assert (done["Location"], user.check_password("quite another one")) == ("/login/", True)
    assert Api(token=token).get("/reserv", {"rule": "all"}).status == 401
    assert "쓸 수 없는 링크입니다" in Browser().get(path, follow=True).content.decode()


@pytest.mark.parametrize(
    "user",
    [
        {"email": "hong@example.com"},
        {"email": "other@example.com", "email_confirmed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
    ],
)
def test_links_go_to_confirmed_addresses_only_and_the_answer_tells_nothing(user):
    UserFactory(**user)

    page = Browser().post("/password/", {"email": "hong@example.com"})

    assert "메일을 확인해 주세요" in page.content.decode()
    assert not Mail.objects.exists()


def test_who_withdraws_gets_no_more_mail():
    me = UserFactory()
    MailFactory(user=me)

    as_person(me).delete("/user", {"rule": "all"})

    assert not Mail.objects.exists()


# ---------------------------------------------------------------- housekeeping


def test_what_has_expired_is_removed_and_nothing_else(clock):
    user = UserFactory()
    bearer(user, expires_in=60)
    browser = Browser()
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    sent = MailFactory(sent_at=timezone.now(), text="", html="")
    waiting = MailFactory()
    tasks.keep_house()
    assert (Session.objects.count(), Mail.objects.count(), get_access_token_model().objects.count()) == (1, 2, 1)

    clock.shift(dt.timedelta(days=91))
    tasks.keep_house()

    assert (Session.objects.count(), get_access_token_model().objects.count()) == (0, 0)
    assert list(Mail.objects.all()) == [waiting]
    assert not Mail.objects.filter(pk=sent.pk).exists()


def test_the_task_sends(mailbox):
    MailFactory()

    tasks.send_mail()

    assert len(mailbox.mails) == 1


def test_nobody_fills_anothers_mailbox(clock):
    UserFactory(email="hong@example.com", email_confirmed_at=timezone.now())

    for _ in range(3):
        Browser().post("/password/", {"email": "hong@example.com"})
    assert Mail.objects.count() == 1

    clock.shift(dt.timedelta(minutes=11))
    Browser().post("/password/", {"email": "hong@example.com"})
    assert Mail.objects.count() == 2
