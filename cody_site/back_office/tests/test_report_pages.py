"""The pages of the reports, and the files that leave by them."""

import csv
import datetime as dt
import io
import zipfile
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cody_site.back_office.reports import files
from cody_site.back_office.reports.catalogue import REPORTS
from cody_site.back_office.reports.period import Period
from cody_site.back_office.reports.report import Column, Kind
from cody_site.models import Access, AccessLog
from tests.factories import DesignerFactory, PaymentFactory, ReservationFactory, UserFactory

pytestmark = pytest.mark.django_db

OVERVIEW, EXPORT = reverse("back_office:reports"), reverse("back_office:export")
DAY = dt.date(2026, 3, 2)


def desk(user):
    browser = Browser(REMOTE_ADDR="192.0.2.7")
    browser.force_login(user, backend="accounts.backends.RoleBackend")
    return browser


def page_of(slug):
    return reverse("back_office:report", args=[slug])


def at(date, hour=12, minute=0):
    return timezone.make_aware(dt.datetime.combine(date, dt.time(hour, minute)))


@pytest.fixture
def boss():
    return desk(UserFactory(staff=True, userid="boss"))


PAGES = [OVERVIEW, EXPORT, *map(page_of, REPORTS)]


@pytest.mark.parametrize("trait", ["staff", "finance", "system"])
def test_who_sees_everything_sees_the_reports(trait):
    browser = desk(UserFactory(**{trait: True}))

    assert [browser.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    assert f'href="{OVERVIEW}"' in browser.get(reverse("admin:index")).content.decode()


def test_designers_customers_and_guests_do_not():
    designer, customer, tester = desk(DesignerFactory().user), desk(UserFactory()), desk(UserFactory(tester=True))

    assert [designer.get(page).status_code for page in PAGES] == [403] * len(PAGES)
    assert designer.post(EXPORT, {"what": "reservations"}).status_code == 403
    assert f'href="{OVERVIEW}"' not in designer.get(reverse("admin:index")).content.decode()
    for browser in (customer, tester, Browser()):
        assert [browser.get(page).status_code for page in PAGES] == [302] * len(PAGES)
    assert not AccessLog.objects.exists()


def test_every_report_names_its_date_and_says_what_it_counted(boss):
    for report in REPORTS.values():
        shown = boss.get(page_of(report.slug)).content.decode()

        assert str(report.basis) in shown
        assert str(report.meaning) in shown
        assert "이 기간에는 셀 것이 없습니다" in shown
    overview = boss.get(OVERVIEW).content.decode()
    assert [overview.count(basis) for basis in ("결제일 기준", "방문일 기준", "취소한 날 기준")] == [1, 5, 1]


def test_a_report_has_cards_a_table_and_a_chart(boss):
    PaymentFactory(amount=1_234_500, paid_at=at(DAY))
    PaymentFactory(amount=1_000_000, paid_at=at(DAY - dt.timedelta(days=1)))

    shown = boss.get(page_of("revenue-by-payment-date"), {"from": DAY, "to": DAY})

    [won, *_others] = shown.context["cards"]
    assert (won.value, won.value_before, won.change) == ("1,234,500원", "1,000,000원", "+23 %")
    content = shown.content.decode()
    assert '<th scope="row">3. 2. (월)</th>' in content
    assert content.count('<td class="report-number">1,234,500원</td>') == 4  # paid and net, of the day and of all
    assert 'data-type="line"' in content
    assert "style=" not in content[content.index("report-period") : content.index("report-export")]


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({}, "2026-02-02 – 2026-03-03"),
        ({"period": "last-30-days"}, "2026-02-02 – 2026-03-03"),
        ({"period": "this-month", "from": "1", "to": "2"}, "2026-03-01 – 2026-03-03"),
        ({"period": "last-month"}, "2026-02-01 – 2026-02-28"),
        ({"period": "this-year"}, "2026-01-01 – 2026-03-03"),
        ({"from": "2025-12-31", "to": "2026-01-01"}, "2025-12-31 – 2026-01-01"),
    ],
)
def test_the_period_is_a_preset_or_two_dates(boss, asked, days):
    assert str(boss.get(OVERVIEW, asked).context["form"].period) == days


def test_today_is_the_salons(boss, clock):
    clock.move_to(dt.datetime(2026, 3, 12, 15, 30, tzinfo=dt.UTC))  # 00:30 on the 13th in Seoul

    assert str(boss.get(OVERVIEW, {"period": "this-month"}).context["form"].period) == "2026-03-01 – 2026-03-13"


@pytest.mark.parametrize(
    ("asked", "field", "told"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "to", "끝 날짜가 시작 날짜보다 빠릅니다."),
        ({"from": "2000-01-01", "to": "2026-03-01"}, "to", "기간은 10년까지 고를 수 있습니다."),
        ({"from": "1999-12-31", "to": "2000-01-01"}, "from", "2000년부터 2100년까지의 날짜를 입력해 주세요."),
        ({"from": "2026-03-02"}, "to", "이 필드는 필수 항목입니다."),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "from", "올바른 날짜를 입력하세요."),
        ({"from": "\x00", "to": "2026-03-01"}, "from", "올바른 날짜를 입력하세요."),
        (
            {"period": "\x00", "from": "2026-03-01", "to": "2026-03-02"},
            "__all__",
            "모르는 기간입니다. 날짜를 골라 주세요.",
        ),
        ({"designer": "x\x00"}, "designer", None),
        ({"designer": "9" * 400}, "designer", None),
        ({"designer": "-1"}, "designer", None),
    ],
)
def test_bad_input_is_an_error_of_the_form_and_stays_in_it(boss, asked, field, told):
    for page in (OVERVIEW, page_of("seats-by-designer")):
        answer = boss.get(page, asked)

        assert answer.status_code == 200
        errors = answer.context["form"].errors
        assert list(errors) == [field]
        assert told is None or errors[field] == [told]
        assert answer.context["form"].data.items() >= {**asked}.items()
    assert boss.get(EXPORT, asked).status_code == 200


def test_an_unknown_report_is_not_found(boss):
    assert boss.get("/admin/reports/revenue/").status_code == 404
    assert boss.get("/admin/reports/%00/").status_code == 404


def salon_of(count):
    for number in range(count):
        designer = DesignerFactory()
        row = ReservationFactory(designer=designer, date=DAY - dt.timedelta(days=number))
        PaymentFactory(reservation=row, paid_at=at(DAY))
        ReservationFactory(designer=designer, date=DAY, time=dt.time(15), trashed=True)


@pytest.mark.parametrize("page", [OVERVIEW, *map(page_of, REPORTS)])
def test_a_page_takes_as_many_queries_for_three_rows_as_for_one(boss, page):
    counted = []
    for count in (1, 2):
        salon_of(count)
        boss.get(page)
        with CaptureQueriesContext(connection) as queries:
            boss.get(page)
        counted.append(len(queries))

    assert counted[0] == counted[1] <= 45


# ---- files


def ask(browser, **more):
    given = {"what": "reservations", "format": "csv", "from": "2026-03-01", "to": "2026-03-31", "reason": "월말 정산"}
    return browser.post(EXPORT, given | more)


def content(answer):
    return b"".join(answer.streaming_content)


def csv_rows(answer):
    return list(csv.reader(io.StringIO(content(answer).decode("utf-8-sig"))))


def logged():
    return list(AccessLog.objects.values_list("what", "by__userid", "detail", "reason", "rows", "ip"))


def test_a_list_leaves_with_its_line_in_the_access_log(boss):
    row = ReservationFactory(
        customer__name="=HYPERLINK(1)", designer__user__name="김하늘", date=DAY, created_at=at(DAY, 0, 30), note="비밀"
    )
    ReservationFactory(date=dt.date(2026, 4, 1))

    answer = ask(boss)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="reservations-2026-03-01-2026-03-31.csv"'
    assert csv_rows(answer) == [
        ["예약 번호", "날짜", "시각", "디자이너", "고객", "상태", "접수", "노쇼", "취소"],
        [str(row.pk), "2026-03-02", "10:00", "김하늘", "'=HYPERLINK(1)", "예약완료", "2026-03-02 00:30", "", ""],
    ]
    assert logged() == [
        (Access.EXPORT, "boss", "예약 목록 (방문일 기준), 2026-03-01 – 2026-03-31, CSV", "월말 정산", 1, "192.0.2.7")
    ]


def test_an_excel_file_begins_with_a_mark_by_which_excel_knows_hangul(boss):
    assert content(ask(boss)).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("reason", ["", "   ", "가" * 257, "a\x00b"])
def test_nothing_leaves_without_a_reason(boss, reason):
    answer = ask(boss, reason=reason)

    assert not answer.streaming
    assert answer.context["form"].errors["reason"]
    assert answer.context["form"].data["what"] == "reservations"
    assert logged() == []


@pytest.mark.parametrize("changed", [{"what": "passwords"}, {"format": "exe"}, {"from": "x"}, {"designer": "0"}])
def test_nothing_leaves_for_bad_input(boss, changed):
    assert not ask(boss, **changed).streaming
    assert logged() == []


def test_nothing_leaves_by_get(boss):
    answer = boss.get(EXPORT, {"what": "reservations", "format": "csv", "reason": "x", "period": "this-month"})

    assert not answer.streaming
    assert logged() == []


def test_the_list_of_customers_is_for_who_manages_accounts():
    customer = UserFactory(userid="hana", name="이하나", pn="+821055667788", joined_at=at(DAY))
    designer = DesignerFactory(user__userid="kim")
    for days, more in ((1, {}), (2, {}), (3, {"no_show_at": at(DAY)}), (4, {"trashed": True})):
        ReservationFactory(
            customer=customer, designer=designer, date=dt.date(2026, 3, 3) - dt.timedelta(days=days), **more
        )
    ReservationFactory(customer=customer, designer=designer, date=dt.date(2026, 3, 20))
    UserFactory(gone=True, joined_at=at(DAY))
    UserFactory(joined_at=at(dt.date(2026, 2, 28), 23, 59))

    for trait in ("staff", "system"):
        assert csv_rows(ask(desk(UserFactory(**{trait: True})), what="customers")) == [
            ["아이디", "이름", "전화번호", "가입", "방문", "노쇼", "마지막 방문"],
            ["hana", "이하나", "'+821055667788", "2026-03-02 12:00", "2", "1", "2026-03-02"],
        ]
    assert not ask(desk(UserFactory(finance=True)), what="customers").streaming
    assert [row[4] for row in logged()] == [1, 1]


def test_payments_leave_without_card_or_address(boss):
    payment = PaymentFactory(amount=30_000, payer__name="이하나", created_at=at(DAY), paid_at=at(DAY), ip="192.0.2.9")

    assert [*map(" ".join, csv_rows(ask(boss, what="payments"))[:1])] == [
        "결제 번호 접수 결제 결제한 사람 예약 번호 수단 상태 청구액 결제액 환불액 순매출"
    ]
    assert csv_rows(ask(boss, what="payments"))[1:] == [
        [
            payment.payment_uid,
            *["2026-03-02 12:00"] * 2,
            "이하나",
            "",
            "카드",
            "결제됨",
            "30000",
            "30000",
            "0",
            "30000",
        ],
    ]


@pytest.mark.parametrize("slug", REPORTS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_report_can_be_taken_away(boss, slug, kind):
    salon_of(1)

    answer = ask(boss, what=slug, format=kind)

    assert len(content(answer)) > 50
    assert logged()[0][2] == f"{REPORTS[slug].title}, 2026-03-01 – 2026-03-31, {kind.upper()}"
    assert logged()[0][4] == len(REPORTS[slug].table(Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))).rows)


def cells(workbook, sheet=1):
    """A sheet's cells by name, as (what they are, what is stored); texts stand in the cell."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    root = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(workbook)).read(f"xl/worksheets/sheet{sheet}.xml"))
    return {cell.get("r"): (cell.get("t"), "".join(cell.itertext())) for cell in root.iter(f"{space}c")}


def test_a_workbook_has_real_dates_and_numbers_and_no_formulas(boss):
    row = ReservationFactory(customer__name="=1+1", designer__user__name="https://x.example", date=DAY)

    found = cells(content(ask(boss, format="xlsx")))

    assert found["A1"] == ("inlineStr", "예약 번호")
    assert (found["A2"], found["B2"], found["C2"][1][:6]) == ((None, str(row.pk)), (None, "46083"), "0.4166")
    assert (found["D2"], found["E2"]) == (("inlineStr", "https://x.example"), ("inlineStr", "=1+1"))
    assert "H2" not in found


def saved(kind, columns, rows):
    file, count = files.written(files.FORMATS[kind], columns, rows)
    with file:
        return file.read(), count


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_quoted(text):
    table, count = saved("csv", [Column("이름", Kind.TEXT)], [(text,), ("보통",)])

    told = list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))
    assert (told, count) == ([["이름"], [f"'{text}"], ["보통"]], 2)


def test_a_negative_amount_stays_a_number():
    table, _count = saved("csv", [Column("순매출", Kind.WON)], [(-21_000,)])

    assert table.decode("utf-8-sig").split() == ["순매출", "-21000"]


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch):
    monkeypatch.setattr(files, "ROWS_OF_A_SHEET", 2)

    workbook, count = saved("xlsx", [Column("번호")], [(1,), (2,), (3,)])

    assert count == 3
    assert [value for _t, value in cells(workbook, 1).values()] == ["번호", "1", "2"]
    assert [value for _t, value in cells(workbook, 2).values()] == ["번호", "3"]
