"""Section 4, row by row, on this machine's disk and in S3."""

import hashlib
import io

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import override_settings
from django.utils.http import content_disposition_header
from PIL import Image

from accounts.actors import Actor, Door
from media_store.models import Photo
from media_store.names import tidy
from media_store.storage import LocalPhotos
from media_store.tests.pictures import HTML, PDF, SVG, animated, bomb, picture, with_gps
from tests.api import Api, as_app, as_person, in_session
from tests.factories import PhotoFactory, PostPhotoFactory, ReservationPhotoFactory, UserFactory

pytestmark = pytest.mark.django_db

MISSED = (400, 400, "Some of Information Expected, but missed.")
MISTYPED = (400, 400, "Some of Information Type Not Match")
MALFORMED = (400, 400, "ERR: Malformed request.")
NO_KEY = (400, 400, "Cannot find key 'photoid'")
NOT_FOUND = (404, 404, "FILE NOT FOUND")
SEVERAL = (413, 413, "batchSizeTooLarge")
TOO_LARGE = (413, 413, "ERR: File too large.")
UNAUTHENTICATED = (401, 401, "ERR: Authentication required.")
PNG = picture()


@pytest.fixture
def hong():
    return UserFactory(userid="hong")


def upload(api, body=PNG, name="머리.png", content_type="image/png", **fields):
    data = {"userid": "hong", "file": SimpleUploadedFile(name, body, content_type)} | fields
    return api._answer(api.client.post("/photo_u", data, headers=api.headers))


def uploaded(user, body=PNG, name="머리.png", **fields):
    return Photo.objects.get(
        photoid=upload(as_person(user), body, name, userid=user.userid, **fields).contents["photoid"]
    )


class Received:
    def __init__(self, response):
        self.http, self.headers = response.status_code, response.headers
        self.body = response.getvalue()


def download(api, photoid, **headers):
    return Received(api.client.post("/photo_d", {"photoid": photoid}, headers=api.headers | headers))


def view(api, photoid, method="get", **headers):
    return Received(getattr(api.client, method)(f"/photo_w?photoid={photoid}", headers=api.headers | headers))


# ---------------------------------------------------------------- /photo_u


def test_what_is_uploaded_comes_back_the_same(storage, hong):
    api = as_person(hong)

    photo = uploaded(hong)

    assert (photo.uploader, photo.filename, photo.content_type, photo.size) == (hong, "머리.png", "image/png", len(PNG))
    assert (photo.sha256, photo.ip) == (hashlib.sha256(PNG).hexdigest(), "127.0.0.1")
    assert photo.live_at is not None
    assert storage.exists(photo.storage_key)
    for received in (download(api, photo.photoid), view(api, photo.photoid)):
        assert (received.http, received.body) == (200, PNG)
        assert received.headers["Content-Length"] == str(len(PNG))
        assert received.headers["ETag"] == f'"{photo.sha256}"'


def test_the_same_content_again_names_the_photo_that_is_there(storage, hong):
    photo = uploaded(hong)
    keys = list(storage.keys(photo.storage_key.rpartition("/")[0]))

    answer = upload(as_person(hong), name="other.png")

    assert answer.failure == (403, 403, "ERR: Already uploaded file")
    assert answer.contents == {"res": False, "photoid": photo.photoid}
    assert list(storage.keys(photo.storage_key.rpartition("/")[0])) == keys
    park = UserFactory(userid="park")
    assert upload(as_person(park), userid="park").status == 200
    assert Photo.objects.count() == 2


def test_what_lies_in_the_trash_may_come_again(storage, hong):
    photo = uploaded(hong)
    Photo.objects.trash(by=Actor(Door.API, user=hong))

    assert upload(as_person(hong)).contents["photoid"] != photo.photoid


def test_in_a_session_the_csrf_token_comes_in_the_header(storage, hong):
    api = in_session(hong)

    assert upload(api).status == 200
    api.headers = {}
    assert upload(api, picture("JPEG")).failure == (403, 403, "ERR: Permission denied.")


@pytest.mark.parametrize("missing", ["userid", "file", "both", "an empty file"])
def test_something_is_missing(missing, hong):
    api = as_person(hong)
    file = SimpleUploadedFile("a.png", b"" if missing == "an empty file" else PNG)
    data = {"userid": "hong", "file": file}
    for name in {"both": ["userid", "file"]}.get(missing, [missing]):
        data.pop(name, None)

    assert api._answer(api.client.post("/photo_u", data, headers=api.headers)).failure == MISSED
    assert not Photo.objects.exists()


@pytest.mark.parametrize("data", [{"file": "text", "userid": "hong"}, {"userid": "a b"}, {"userid": ["hong", "hong"]}])
def test_something_is_mistyped(data, hong):
    api = as_person(hong)
    data = {"file": SimpleUploadedFile("a.png", PNG)} | data

    assert api._answer(api.client.post("/photo_u", data, headers=api.headers)).failure == MISTYPED


@pytest.mark.parametrize("names", [("file", "file"), ("file", "other"), ("other", "other")])
def test_two_files_are_too_many(names, hong):
    api, parts = as_person(hong), b""
    for name in names:
        parts += b'--b\r\nContent-Disposition: form-data; name="%s"; filename="a.png"\r\n\r\nx\r\n' % name.encode()

    answer = raw(api, parts + b"--b--\r\n")

    assert answer.failure == (413, 413, "ERR: CANNOT UPLOAD MULTIPLE FILES AT ONCE")


def raw(api, body, content_type="multipart/form-data; boundary=b", **headers):
    return api._answer(
        api.client.generic("POST", "/photo_u", body, content_type=content_type, headers=api.headers | headers)
    )


PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n%s\r\n%s\r\n--b--\r\n'


@pytest.mark.parametrize(
    "body",
    [
        b"nothing", b"--b", b"--b\r\n\r\n", PART[:60], PART.replace(b"--b--", b"") % (b"", b"x"),
        PART % (b"Content-Transfer-Encoding: base64\r\n", b"aGVsbG8="), PART % (b"X: " + b"x" * 9000 + b"\r\n", b"x"),
        b'--b\r\nContent-Disposition: form-data; name="userid"\r\n\r\n\xff\r\n--b--\r\n',
    ],
)  # fmt: skip
def test_a_malformed_body(body, hong):
    answer = raw(as_person(hong), body)

    assert answer.failure in (MALFORMED, (413, 413, "ERR: Request too large."))
    assert not Photo.objects.exists()


def test_headers_are_enough_to_refuse(hong):
    class Unread:
        def read(self, *args):
            raise AssertionError("the body was read")

        readline = read

    def ask(api, content_type, length):
        extra = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)}
        return api._answer(api.client.post("/photo_u", headers=api.headers, content_type=content_type, **extra))

    form = "multipart/form-data; boundary=b"
    assert ask(Api(), form, 10**10).failure == UNAUTHENTICATED
    assert ask(as_person(UserFactory(finance=True)), form, 10**10).failure == (403, 403, "ERR: Permission denied.")
    assert ask(as_person(hong), form, 10**10).failure == TOO_LARGE
    assert ask(as_person(hong), "text/plain", 10).failure == (415, 415, "ERR: Unsupported media type.")
    assert ask(in_session(hong), form, 10**10).failure == TOO_LARGE


@override_settings(PHOTO_MAX_BYTES=2000)
def test_the_largest_file(storage, hong):
    assert upload(as_person(hong), b"x" * 2000).status == 200
    assert upload(as_person(hong), b"x" * 2001).failure == TOO_LARGE
    assert Photo.objects.count() == 1


def test_uploads_are_throttled(settings, hong):
    settings.THROTTLE_UPLOAD = 2
    api = as_person(hong)

    assert [upload(api, picture(color=(n, 0, 0))).status for n in range(3)] == [200, 200, 429]


def test_for_whom(hong):
    park = UserFactory(userid="park")

    assert upload(as_person(park)).failure == (403, 403, "ERR: Permission denied.")
    assert upload(as_app(), userid="nobody").failure == (400, 400, "ERR: Cannot find user: nobody")
    assert upload(as_app()).status == upload(as_app(), userid="PARK").status == 200
    assert set(Photo.objects.values_list("uploader__userid", flat=True)) == {"hong", "park"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\사진\\머리.jpg", "머리.jpg"),
        ("가" * 300 + ".png", "가" * 83 + ".png"),
        ("a\r\nSet-Cookie: x.png", "aSet-Cookie x.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("머\u0000리.png", "머리.png"),
        ("머리.png", "머리.png"),  # decomposed, as macOS sends it
        ('a"b;c.png', "ab;c.png"),
        ("...", "photo"),
        (".png", "photo.png"),
        ("\ud83d\ude00.png".encode("utf-16", "surrogatepass").decode("utf-16"), "😀.png"),
    ],
)
def test_names(given, kept, hong):
    assert tidy(given) == kept
    assert len(tidy(given).encode()) <= 255


# ---------------------------------------------------------------- serving


def test_pictures_are_shown_inline_and_everything_else_never(storage, hong):
    api = as_person(hong)
    for body, kind in ((PNG, "image/png"), (picture("JPEG"), "image/jpeg"), (animated(), "image/gif"),
                       (picture("WEBP"), "image/webp"), (picture("AVIF"), "image/avif")):  # fmt: skip
        shown = view(api, uploaded(hong, body).photoid)
        assert shown.headers["Content-Disposition"].startswith("inline; ")
        assert shown.headers["Content-Type"] == kind
    for body in (HTML, SVG, PDF, b"GIF89a", PNG[:20], bomb(), b"\xff\xd8\xff" + HTML):
        photo = uploaded(hong, body, name="innocent.png")
        shown = view(api, photo.photoid)
        assert (shown.http, shown.body) == (200, body)
        assert shown.headers["Content-Disposition"].startswith("attachment; ")
        assert shown.headers["Content-Type"] == "application/octet-stream"


def test_nothing_that_is_sent_can_run(storage, hong):
    api = as_person(hong)
    for received in (view(api, uploaded(hong).photoid), view(api, uploaded(hong, HTML).photoid)):
        assert received.headers["X-Content-Type-Options"] == "nosniff"
        assert received.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert received.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert received.headers["Cache-Control"].startswith("private")
        assert {"Authorization", "Cookie"} <= set(received.headers["Vary"].replace(",", "").split())


def test_the_name_is_told_in_full_and_in_ascii(storage, hong):
    photo = uploaded(hong, name="내 머리.png")

    disposition = download(as_person(hong), photo.photoid).headers["Content-Disposition"]

    assert disposition == "attachment; filename=\"photo.png\"; filename*=utf-8''%EB%82%B4%20%EB%A8%B8%EB%A6%AC.png"
    Photo.objects.update(filename="my hair.png")
    disposition = download(as_person(hong), photo.photoid).headers["Content-Disposition"]
    assert disposition == content_disposition_header(True, "my hair.png")


@pytest.mark.parametrize("how", ["match", "weak", "any", "among others"])
def test_who_has_it_already_gets_nothing(storage, how, hong):
    photo = uploaded(hong)
    storage.delete(photo.storage_key)  # it is not even looked for
    etag = f'"{photo.sha256}"'
    given = {"match": etag, "weak": f"W/{etag}", "any": "*", "among others": f'"x", {etag}'}[how]

    received = download(as_person(hong), photo.photoid, **{"If-None-Match": given})

    assert (received.http, received.body, received.headers["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize(
    ("asked", "http", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=5-", 206, 5, None),
        ("bytes=-7", 206, -7, None),
        ("bytes=-99999", 206, 0, None),
        ("bytes=10-99999", 206, 10, None),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=99999-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=9-5", 200, 0, None),
        ("bytes=0-1,5-6", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("lines=0-1", 200, 0, None),
        ("bytes=a-b", 200, 0, None),
    ],
)
def test_ranges(storage, asked, http, start, end, hong):
    photo = uploaded(hong)

    received = download(as_person(hong), photo.photoid, Range=asked)

    expected = PNG[start:end]
    assert (received.http, received.body) == (http, expected)
    size = len(PNG)
    if http == 206:
        first = start if start >= 0 else size + start
        assert received.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{size}"
        assert received.headers["Content-Length"] == str(len(expected))
    if http == 416:
        assert received.headers["Content-Range"] == f"bytes */{size}"


def test_a_range_of_another_version_is_the_whole(storage, hong):
    photo = uploaded(hong)
    api = as_person(hong)

    assert download(api, photo.photoid, Range="bytes=0-1", **{"If-Range": f'"{photo.sha256}"'}).http == 206
    assert download(api, photo.photoid, Range="bytes=0-1", **{"If-Range": '"older"'}).body == PNG


def test_head_tells_the_length(storage, hong):
    photo = uploaded(hong)

    told = view(as_person(hong), photo.photoid, "head")

    assert (told.http, told.body, told.headers["Content-Length"]) == (200, b"", str(len(PNG)))


def test_nginx_is_told_where_it_lies(settings, hong):
    photo = uploaded(hong)
    settings.X_ACCEL_LOCATION = "/protected/"

    received = download(as_person(hong), photo.photoid)

    assert received.headers["X-Accel-Redirect"] == f"/protected/{photo.storage_key}"
    assert (received.body, received.headers["ETag"]) == (b"", f'"{photo.sha256}"')


def test_who_is_sent_less_than_was_promised_is_cut_off(storage, hong):
    photo = uploaded(hong)
    storage.delete(photo.storage_key)
    storage.save(photo.storage_key, ContentFile(PNG[:100]))

    with pytest.raises(EOFError, match=f"{len(PNG) - 100} bytes are missing"):
        download(as_person(hong), photo.photoid)


def test_bytes_that_are_not_there_are_not_found(storage, hong):
    photo = uploaded(hong)
    storage.delete(photo.storage_key)
    api = as_person(hong)

    assert api.post("/photo_d", {"photoid": photo.photoid}).failure == NOT_FOUND


# ---------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("method", "path", "query", "failure"),
    [
        ("POST", "/photo_d", {}, NO_KEY),
        ("POST", "/photo_d", {"photoid": "nothing"}, NOT_FOUND),
        ("POST", "/photo_d", {"photoid": 5}, MISTYPED),
        ("POST", "/photo_d", {"photoid": ["a", "b"]}, SEVERAL),
        ("POST", "/photo_d", {"photoid": [1, 2]}, SEVERAL),
        ("POST", "/photo_d", {"photoid": '["a","b"]'}, SEVERAL),
        ("POST", "/photo_d", {"photoid": ["a"]}, MISTYPED),
        ("GET", "/photo_w", {}, NO_KEY),
        ("GET", "/photo_w?photoid=nothing", None, NOT_FOUND),
        ("GET", "/photo_w?photoid=a&photoid=b", None, SEVERAL),
        ("GET", "/photo_l", {}, NO_KEY),
        ("GET", "/photo_l?photoid=all", None, MISTYPED),
        ("GET", "/photo_l?photoid=nothing", None, NOT_FOUND),
        ("GET", "/photo_l?photoid=a&photoid=b", None, SEVERAL),
    ],
)
def test_what_is_asked_for(method, path, query, failure):
    api = as_app()
    answer = api.get(path, query) if method == "GET" else api.post(path, query)

    assert answer.failure == failure


def test_the_word_of_another_query_key_is_refused(hong):
    photo = uploaded(hong)

    assert as_app().get(f"/photo_w?photoid={photo.photoid}&v=1").failure == MISTYPED


# ---------------------------------------------------------------- /photo_l


@pytest.mark.parametrize(
    ("caller", "told_all"),
    [("hong", True), ("staff", True), ("finance", True), ("app", True), ("park", False), ("anonymous", False)],
)
def test_what_is_known_of_a_photo(caller, told_all, hong):
    photo = PhotoFactory(uploader=hong, filename="내 머리.PNG", ip="192.0.2.7")
    PostPhotoFactory(photo=photo)
    api = {
        "hong": lambda: as_person(hong),
        "staff": lambda: as_person(UserFactory(staff=True)),
        "finance": lambda: as_person(UserFactory(finance=True)),
        "app": as_app,
        "park": lambda: as_person(UserFactory()),
        "anonymous": Api,
    }[caller]()

    assert api.get("/photo_l", {"photoid": photo.photoid}).contents == {
        "_id": photo.pk,
        "photoid": photo.photoid,
        "filename": "내 머리.PNG",
        "ext": "png",
        "savedname": photo.storage_key if told_all else None,
        "date": "20260303",
        "time": "09:00",
        "uploader": "hong",
        "ip": "192.0.2.7" if told_all else None,
    }


# ---------------------------------------------------------------- R31: who gets the original


def test_the_place_a_photo_was_taken_at_is_for_few(storage, hong):
    body = with_gps()
    photo = uploaded(hong, body, name="셀카.jpg")
    row = ReservationPhotoFactory(photo=photo, reservation__customer=hong).reservation
    PostPhotoFactory(photo=photo)
    copies = set()

    for caller in (as_person(hong), as_person(UserFactory(staff=True)), as_app(), as_person(row.designer.user)):
        assert download(caller, photo.photoid).body == body
        copies.add(view(caller, photo.photoid).body)
    for caller in (Api(), as_person(UserFactory()), as_person(row.designer.user)):
        copies.add(view(caller, photo.photoid).body)
    for caller in (Api(), as_person(UserFactory())):
        copies.add(download(caller, photo.photoid).body)

    [copy] = copies
    assert b"Exif" not in copy
    assert b"Phone" not in copy
    assert upright(copy)


def upright(body):
    with Image.open(io.BytesIO(body)) as image:
        return image.size == (40, 60) and not image.getexif()


@pytest.mark.parametrize(
    "body", [PDF, HTML, PNG[:-30], bomb(), with_gps()[:400]], ids=["pdf", "html", "cut", "bomb", "cut jpeg"]
)
def test_what_cannot_be_cleaned_is_only_for_those_who_get_the_original(body, storage, hong):
    photo = uploaded(hong, body)
    PostPhotoFactory(photo=photo)

    for api in (Api(), as_person(UserFactory())):
        assert api.post("/photo_d", {"photoid": photo.photoid}).failure == NOT_FOUND
        assert api.get("/photo_w", {"photoid": photo.photoid}).failure == NOT_FOUND
    for api in (as_person(hong), as_app()):
        assert download(api, photo.photoid).body == view(api, photo.photoid).body == body


def test_a_photo_is_public_only_while_something_public_shows_it(hong):
    photo = uploaded(hong)
    assert Api().get("/photo_w", {"photoid": photo.photoid}).failure == NOT_FOUND
    post = PostPhotoFactory(photo=photo).post
    assert view(Api(), photo.photoid).http == 200

    type(post).objects.update(trashed_at=F("created_at"))

    assert Api().get("/photo_w", {"photoid": photo.photoid}).failure == NOT_FOUND


@pytest.mark.parametrize("name", ["a." + "b" * 250, "v1." + "가" * 80, "가" * 300, "..", "folder/"])
def test_any_name_will_do(hong, name):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="userid"\r\n\r\nhong\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n\r\nxyz\r\n--b--\r\n'
    )
    assert raw(as_person(hong), body).http == 200


def test_no_file_chosen_is_a_missing_file(hong):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="userid"\r\n\r\nhong\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--b--\r\n'
    )
    assert raw(as_person(hong), body).failure == MISSED


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "AccessDenied"])
def test_a_storage_that_refuses_is_not_our_fault(hong, monkeypatch, code):
    photo = uploaded(hong)

    def refuse(*_given):
        raise ClientError({"Error": {"Code": code}}, "GetObject")

    monkeypatch.setattr(LocalPhotos, "read", refuse)
    answer = as_person(hong).get("/photo_w", {"photoid": photo.photoid})

    assert answer.failure == (503, 503, "serviceNotReady")
