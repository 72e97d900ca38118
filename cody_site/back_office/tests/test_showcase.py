"""What designers show of themselves, as the back-office lets it be chosen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import User
from media_store.models import Photo, Portrait
from media_store.tests.pictures import PDF, picture, with_gps
from tests.factories import DesignerFactory, PortfolioPhotoFactory, PortraitFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("back_office:showcases")


@pytest.fixture(autouse=True)
def _on_disk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def page_of(designer):
    return reverse("back_office:showcase", args=[designer.pk])


def sign_in(client, user):
    client.force_login(user, backend="accounts.backends.RoleBackend")


def shown(designer):
    return [(row.photo.photoid, row.caption) for row in designer.portfolio.shown()]


def told(page):
    return [str(message) for message in page.context["messages"]]


def file(body, name):
    return SimpleUploadedFile(name, body)


def test_a_designer_uploads_a_portrait_and_work(client):
    designer = DesignerFactory()
    sign_in(client, designer.user)
    assert client.get(LIST, follow=True).redirect_chain == [(page_of(designer), 302)]

    page = client.post(page_of(designer), {"act": "portrait", "portrait": file(with_gps(), "나.jpg")}, follow=True)
    assert (told(page), Portrait.objects.get().photo.filename) == (["프로필 사진을 바꿨습니다."], "나.jpg")

    files = [file(picture(), "하나.png"), file(PDF, "글.pdf"), file(picture(color=(9, 9, 9)), "둘.png")]
    page = client.post(page_of(designer), {"act": "add", "photos": files}, follow=True)
    assert told(page) == [
        "글.pdf: 사진으로 열 수 없는 파일입니다. JPG, PNG, HEIC, WebP 같은 사진 파일을 골라 주세요.",
        "작품 사진을 더했습니다.",
    ]
    assert [row.photo.filename for row in designer.portfolio.shown()] == ["하나.png", "둘.png"]

    client.post(page_of(designer), {"act": "remove-portrait"})
    assert not Portrait.objects.exists()


def test_account_managers_choose_for_designers_whose_photos_they_are_then(client):
    designer = DesignerFactory()
    sign_in(client, UserFactory(system=True))

    client.post(page_of(designer), {"act": "portrait", "portrait": file(picture(), "나.png")})

    assert Portrait.objects.get().photo.uploader == designer.user


def test_work_is_arranged_captioned_and_taken_down_by_buttons(client):
    designer = DesignerFactory()
    one, two, three = (
        PortfolioPhotoFactory(designer=designer, position=number).photo.photoid for number in range(3)
    )  # fmt: skip
    sign_in(client, designer.user)

    client.post(page_of(designer), {"act": f"up:{two}", f"caption-{one}": " 단발 ", "caption-unknown": "?"})
    assert shown(designer) == [(two, ""), (one, "단발"), (three, "")]
    client.post(page_of(designer), {"act": f"down:{two}", f"caption-{two}": "<b>"})
    assert shown(designer) == [(one, "단발"), (two, "<b>"), (three, "")]
    page = client.post(page_of(designer), {"act": f"remove:{one}"}, follow=True)
    assert shown(designer) == [(two, "<b>"), (three, "")]
    assert "<b>" not in page.content.decode().split("<main")[-1]


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"act": "portrait"}, {"act": "add"}, {"act": "up:unknown"}, {"act": "remove:\0"}, {"act": "x"},
        {"act": "save", "caption": "x" * 61}, {"act": "save", "caption": "\0"},
    ],
)  # fmt: skip
def test_what_means_nothing_changes_nothing(client, sent):
    row = PortfolioPhotoFactory()
    sign_in(client, row.designer.user)
    if "caption" in sent:
        sent = {"act": "save", f"caption-{row.photo.photoid}": sent["caption"]}

    assert client.post(page_of(row.designer), sent).status_code == 302

    assert shown(row.designer) == [(row.photo.photoid, "")]
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("caller", ["finance", "another designer", "one who left"])
def test_others_have_no_such_page(client, caller):
    designer = DesignerFactory()
    if caller == "one who left":
        User.objects.filter(pk=designer.pk).update(type=1)
        sign_in(client, UserFactory(staff=True))
    else:
        sign_in(client, UserFactory(finance=True) if caller == "finance" else DesignerFactory().user)

    sent = {"act": "portrait", "portrait": file(picture(), "나.png")}
    assert [client.get(page_of(designer)).status_code, client.post(page_of(designer), sent).status_code] == [403, 403]
    assert not Photo.objects.exists()


def test_customers_and_strangers_come_nowhere(client):
    designer = DesignerFactory()
    for sign in (lambda: None, lambda: sign_in(client, UserFactory())):
        sign()
        sent = {"act": "portrait", "portrait": file(picture(), "나.png")}
        assert {client.get(LIST).status_code, client.post(page_of(designer), sent).status_code} == {302}
    assert not Photo.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_the_same_number_of_queries(client, count, django_assert_max_num_queries):
    for _number in range(count):
        designer = PortraitFactory().designer
        PortfolioPhotoFactory(designer=designer)
    sign_in(client, UserFactory(staff=True))

    with django_assert_max_num_queries(12):
        page = client.get(LIST)
    with django_assert_max_num_queries(12):
        client.get(page_of(designer))

    assert page.content.decode().count("작품 1장") == count
