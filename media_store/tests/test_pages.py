"""One's own photos on the pages: uploading several, what each is shown by, taking away and back."""

import datetime as dt
import io

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor, Door
from accounts.models import User
from media_store import services
from media_store.fields import PhotosField
from media_store.models import Kind, Photo
from media_store.receiving import AT_ONCE, takes_photos
from media_store.tests.pictures import HTML, PDF, SVG, bomb, picture, with_gps
from tests.factories import (
    CommentFactory,
    CommentPhotoFactory,
    DesignerFactory,
    PhotoFactory,
    PortfolioPhotoFactory,
    PortraitFactory,
    PostFactory,
    PostPhotoFactory,
    RenditionFactory,
    ReservationFactory,
    ReservationPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    user = UserFactory()
    client.force_login(user)
    return user


def actor(user):
    return Actor(Door.PAGES, user=user)


def file(body, name="머리.png"):
    return SimpleUploadedFile(name, body)


def told(response):
    return [str(message) for message in response.context["messages"]]


def send(client, *files, **headers):
    return client.post(reverse("media_store:upload"), {"photos": list(files)}, follow=not headers, headers=headers)


def in_words(client, *files):
    """As upload.js sends them."""
    response = client.post(
        reverse("media_store:upload"), {"photos": list(files)}, headers={"Accept": "application/json"}
    )
    return response.json()


# ---------------------------------------------------------------- uploading


def test_several_photos_go_up_with_one_form_and_the_good_ones_are_kept(client, me, settings):
    settings.PHOTO_MAX_BYTES = 20_000
    large = picture() + b"\0" * 20_000

    page = send(
        client, file(picture(), "하나.png"), file(large, "큰.png"), file(PDF, "글.pdf"), file(with_gps(), "둘.jpg")
    )

    assert sorted(me.photos.live().values_list("filename", "content_type")) == [
        ("둘.jpg", "image/jpeg"), ("하나.png", "image/png"),
    ]  # fmt: skip
    assert told(page) == [
        "사진 2장을 올렸어요.",
        "큰.png: 파일이 너무 커요. 한 장에 19.5\xa0KB까지 올릴 수 있어요.",
        "글.pdf: 사진으로 열 수 없는 파일입니다. JPG, PNG, HEIC, WebP 같은 사진 파일을 골라 주세요.",
    ]


def test_the_script_is_answered_in_json(client, me):
    answer = in_words(client, file(picture(), "하나.png"), file(b"", "빈.png"))

    row = me.photos.get()
    assert answer == {
        "photos": [
            {
                "photoid": row.photoid,
                "filename": "하나.png",
                "small": reverse("media_store:photo", args=[row.photoid, "small"]),
            }
        ],
        "refused": ["사진으로 열 수 없는 파일입니다. JPG, PNG, HEIC, WebP 같은 사진 파일을 골라 주세요."],
    }


def test_a_photo_that_is_there_already_is_simply_used(client, me):
    photoid = in_words(client, file(picture(), "하나.png"))["photos"][0]["photoid"]

    again = in_words(client, file(picture(), "또.png"), file(picture(), "그리고 또.png"))

    assert [row["photoid"] for row in again["photos"]] == [photoid]
    assert (again["refused"], Photo.objects.count()) == ([], 1)


@pytest.mark.parametrize("body", [HTML, SVG, bomb(), b"GIF89a", picture()[:40]])
def test_what_is_no_picture_is_not_kept(client, me, body):
    answer = in_words(client, file(body, "../../<b>.png"))

    assert (answer["photos"], len(answer["refused"]), Photo.objects.count()) == ([], 1, 0)


def test_there_is_an_end_to_what_one_form_brings(client, me, settings):
    pictures = [file(picture(color=(number, 9, 9)), f"{number}.png") for number in range(AT_ONCE + 1)]
    assert told(send(client, *pictures)) == [
        "사진 10장을 올렸어요.", "10.png: 한 번에 10장까지 올릴 수 있어요.",
    ]  # fmt: skip

    settings.PHOTO_MAX_BYTES = 1000
    response = send(client, file(b"\0" * (AT_ONCE * 1000 + 200_000)))
    assert (response.status_code, "한 장에 1000" in response.content.decode()) == (413, True)


def test_uploads_count_with_those_of_the_api(client, me, settings):
    settings.THROTTLE_UPLOAD = 2
    pictures = [file(picture(color=(number, 9, 9)), f"{number}.png") for number in range(3)]

    answer = in_words(client, *pictures)

    assert (len(answer["photos"]), answer["refused"]) == (
        2, ["잠깐 사이에 너무 많이 올렸어요. 1분 뒤에 다시 올려 주세요."],
    )  # fmt: skip
    assert client.post("/photo_u", {"userid": me.userid, "file": file(picture())}).status_code == 429


def test_a_form_of_another_site_uploads_nothing(me):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(me)
    assert browser.post(reverse("media_store:upload"), {"photos": [file(picture())]}).status_code == 403
    assert not Photo.objects.exists()

    page = browser.get(reverse("media_store:mine"))
    token = {"csrfmiddlewaretoken": str(page.context["csrf_token"]), "photos": [file(picture())]}
    assert browser.post(reverse("media_store:upload"), token).status_code == 302
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("who", [{"finance": True}, {"system": True}])
def test_whose_photos_the_api_takes_none_of_upload_none_here(client, settings, tmp_path, who):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(UserFactory(**who))

    assert told(send(client, file(picture()))) == ["이 일을 할 권한이 없습니다."]
    assert not Photo.objects.exists()
    assert b'<input type="file"' not in client.get(reverse("media_store:mine")).content


def test_nobody_uploads_without_signing_in(client):
    assert send(client, file(picture()), Accept="text/html").status_code == 302
    assert not Photo.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"--x", b"--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.png\"\r\n\r\nabc",
        b"--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a\0b.png\"\r\n\r\nabc\r\n--x--\r\n",
    ],
)  # fmt: skip
def test_a_broken_form_is_no_fault(client, me, body):
    response = client.post(reverse("media_store:upload"), body, content_type="multipart/form-data; boundary=x")

    assert response.status_code in {302, 400}
    assert not Photo.objects.exists()


def test_the_bytes_come_to_s3_too(client, storage):
    me = UserFactory()
    client.force_login(me)

    in_words(client, file(with_gps(), "머리.jpg"))

    row = me.photos.get()
    with storage.open(row.storage_key) as kept:
        assert kept.read() == with_gps()
    small = client.get(reverse("media_store:photo", args=[row.photoid, "small"]))
    assert (small.status_code, small["Content-Type"], small.getvalue()[8:12]) == (200, "image/webp", b"WEBP")


# ---------------------------------------------------------------- one's photos


@pytest.mark.parametrize("count", [1, 3])
def test_my_photos_say_where_they_are_shown(client, me, count, django_assert_max_num_queries):
    for number in range(count):
        row = PhotoFactory(uploader=me)
        for reservation in (
            ReservationFactory(customer=me, time=dt.time(14 + number)), ReservationFactory(trashed=True)
        ):  # fmt: skip
            ReservationPhotoFactory(photo=row, reservation=reservation)
        PostPhotoFactory(photo=row, post__title="단발 <b>")
        PostPhotoFactory(photo=row, post=PostFactory(trashed=True))
        CommentPhotoFactory(photo=row)
        CommentPhotoFactory(photo=row, comment=CommentFactory(deleted=True))
        CommentPhotoFactory(photo=row, comment=CommentFactory(post=PostFactory(trashed=True)))
        PhotoFactory()
        PhotoFactory(uploader=me, trashed=True)
    plain = PhotoFactory(uploader=me)

    with django_assert_max_num_queries(12):
        page = client.get(reverse("media_store:mine"))

    places = page.context["places"]
    assert [place.photo.uploader for place in places] == [me] * (count + 1)
    assert [(len(place.reservations), len(place.posts)) for place in places] == [(0, 0)] + [(1, 2)] * count
    html = page.content.decode()
    assert (html.count("디자이너가 보는 사진"), html.count("다른 손님에게는 보이지 않아요")) == (count, 1)
    assert "단발 &lt;b&gt;" in html
    assert plain.photoid in html


def test_a_designer_is_told_which_photos_customers_see(client, settings, tmp_path):
    designer = DesignerFactory()
    client.force_login(designer.user)
    PortraitFactory(designer=designer)
    PortfolioPhotoFactory(designer=designer)
    PhotoFactory(uploader=designer.user)

    places = client.get(reverse("media_store:mine")).context["places"]

    assert [place.by_designer for place in places] == [False, True, True]


def test_my_photos_go_on_page_by_page(client, me):
    rows = PhotoFactory.create_batch(31, uploader=me)[::-1]

    first = client.get(reverse("media_store:mine"))
    second = client.get(reverse("media_store:mine"), {"before": first.context["further"]})

    assert [place.photo for place in first.context["places"]] == rows[:30]
    assert [place.photo for place in second.context["places"]] == rows[30:]
    assert second.context["further"] is None


@pytest.mark.parametrize("asked", ["x", "-1", "9" * 30, "\0", "1.5", "٣"])
def test_my_photos_begin_at_the_beginning_for_what_is_no_place(client, me, asked):
    row = PhotoFactory(uploader=me)

    page = client.get(reverse("media_store:mine"), {"before": asked, "removed": asked})

    assert [place.photo for place in page.context["places"]] == [row]


def test_a_photo_is_taken_away_and_brought_back(client, me):
    row = PhotoFactory(uploader=me)

    page = client.post(reverse("media_store:remove", args=[row.photoid]), follow=True)

    assert (page.context["removed"], page.context["places"]) == (row, [])
    assert "아직 사진이 없어요" in page.content.decode()
    page = client.post(reverse("media_store:restore", args=[row.photoid]), follow=True)
    assert told(page) == ["사진을 되살렸어요."]
    assert [place.photo for place in page.context["places"]] == [row]


def test_a_second_click_takes_away_and_brings_back_nothing_more(client, me):
    row = PhotoFactory(uploader=me)
    remove, restore = (reverse(f"media_store:{act}", args=[row.photoid]) for act in ("remove", "restore"))

    assert client.post(remove).url == client.post(remove).url
    assert client.post(restore).url == client.post(restore).url
    assert told(client.get(reverse("media_store:mine"))) == ["사진을 되살렸어요."] * 2


def test_what_was_uploaded_again_meanwhile_is_not_brought_back(client, me):
    row = PhotoFactory(uploader=me)
    client.post(reverse("media_store:remove", args=[row.photoid]))
    PhotoFactory(uploader=me, sha256=row.sha256)

    assert told(client.post(reverse("media_store:restore", args=[row.photoid]), follow=True)) == [
        "이미 올린 사진입니다."
    ]


def test_nobody_takes_away_anothers_photo_or_brings_back_what_the_salon_took_away(client, me):
    foreign = PhotoFactory()
    taken = PhotoFactory(uploader=me)
    taken_by = UserFactory(staff=True)
    Photo.objects.filter(pk=taken.pk).trash(by=actor(taken_by))

    answers = [
        client.post(reverse("media_store:remove", args=[foreign.photoid])),
        client.post(reverse("media_store:remove", args=[taken.photoid])),
        client.post(reverse("media_store:restore", args=[taken.photoid])),
        client.post(reverse("media_store:restore", args=[foreign.photoid])),
        client.get("/my/photos/a%00b/remove/"),
        client.get(f"/photos/{'a' * 20}%00/small"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert Photo.objects.live().get() == foreign
    assert client.get(reverse("media_store:mine"), {"removed": taken.pk}).context["removed"] is None


# ---------------------------------------------------------------- thumbnails


@pytest.mark.parametrize(("row", "cached"), [("own", "private"), ("portrait", "public")])
def test_thumbnails_are_kept_by_browsers_and_only_what_all_see_by_others(client, me, row, cached):
    user = DesignerFactory().user
    photo = PhotoFactory(uploader=me if row == "own" else user)
    if row == "portrait":
        PortraitFactory(designer=user.designer, photo=photo)
    uploaded = stored(photo)

    response = client.get(reverse("media_store:photo", args=[photo.photoid, "small"]))

    assert (response.status_code, response.getvalue()) == (200, uploaded)
    assert response["Cache-Control"] == f"{cached}, max-age=86400, no-transform"
    by_anybody = Client().get(reverse("media_store:photo", args=[photo.photoid, "small"]))
    by_anybody.close()
    assert by_anybody.status_code == (404 if row == "own" else 200)


def stored(photo):
    body = b"RIFF....WEBP"
    RenditionFactory(photo=photo, kind=Kind.SMALL, storage_key=f"2026/03/03/t{photo.pk}", size=len(body))
    services.photos().save(f"2026/03/03/t{photo.pk}", io.BytesIO(body))
    Photo.objects.filter(pk=photo.pk).update(rendered_at=photo.created_at)
    return body


# ---------------------------------------------------------------- in a form


def form_of(user, rf, chosen=(), files=(), most=3, initial=None):
    """What a page makes of a form that brings these."""

    class Wish(forms.Form):
        title = forms.CharField()

    made = {}

    @takes_photos
    def page(request):
        form = Wish(request.POST, request.FILES)
        form.fields["photos"] = PhotosField(request=request, most=most, initial=initial)
        made["form"] = form
        form.is_valid()

    request = rf.post("/", {"photos": list(chosen), "photos-new": list(files), "title": "제목"})
    request.user, request.auth = user, actor(user)
    request._dont_enforce_csrf_checks = True
    page(request)
    request.close()
    return made["form"]


def test_a_form_takes_photos_that_are_there_and_new_ones(rf, me):
    known = PhotoFactory(uploader=me)

    form = form_of(me, rf, [known.photoid, known.photoid], [file(picture())])

    new = me.photos.latest("pk")
    assert form.cleaned_data["photos"] == [known.photoid, new.photoid]


def test_what_a_form_has_uploaded_is_chosen_when_it_is_shown_again(rf, me, django_assert_max_num_queries):
    others = PhotoFactory.create_batch(2, uploader=me)
    PhotoFactory(uploader=me, content_type="")
    PhotoFactory(uploader=me, trashed=True)
    PhotoFactory()

    form = form_of(me, rf, [others[0].photoid], [file(picture(), "좋은.png"), file(PDF, "글.pdf")])

    assert form.errors == {
        "photos": ["글.pdf: 사진으로 열 수 없는 파일입니다. JPG, PNG, HEIC, WebP 같은 사진 파일을 골라 주세요."]
    }
    with django_assert_max_num_queries(2):
        assert [(choice.photo.filename, choice.chosen) for choice in form["photos"].choices] == [
            ("머리.png", True), ("좋은.png", True), ("머리.png", False),
        ]  # fmt: skip


@pytest.mark.parametrize("what", ["another's", "trashed", "unknown", "unstorable", "too many"])
def test_a_form_takes_no_other_photos(rf, me, what):
    chosen = {
        "another's": lambda: [PhotoFactory().photoid],
        "trashed": lambda: [PhotoFactory(uploader=me, trashed=True).photoid],
        "unknown": lambda: ["x" * 22],
        "unstorable": lambda: ["\0"],
        "too many": lambda: [row.photoid for row in PhotoFactory.create_batch(4, uploader=me)],
    }[what]()

    form = form_of(me, rf, chosen)

    expected = "사진은 3장까지 고를 수 있어요." if what == "too many" else "그런 사진을 찾을 수 없습니다."
    assert form.errors == {"photos": [expected]}
    assert all(choice.photo.uploader_id == me.pk for choice in form["photos"].choices)


def test_a_form_begins_with_what_is_shown_already(rf, me):
    first, second = PhotoFactory.create_batch(2, uploader=me)
    request = rf.get("/")
    request.user = User.objects.get(pk=me.pk)
    form = forms.Form()
    form.fields["photos"] = PhotosField(request=request, most=3, initial=[first.photoid])

    assert [(choice.photo, choice.chosen) for choice in form["photos"].choices] == [(first, True), (second, False)]


@pytest.mark.django_db
def test_thumbnails_are_no_pages_to_be_counted(settings, client):
    settings.THROTTLE_ANON = 1

    answers = [client.get("/photos/AAAAAAAAAAAAAAAAAAAAAA/small").status_code for _ in range(3)]

    assert answers == [404, 404, 404]
    assert [client.get("/terms/").status_code for _ in range(2)] == [200, 429]
