"""Section 9, as data: every kind of caller, at every route, on own, theirs, other's, trashed and unknown rows.

The table below is written from the manual alone; nothing in it is computed from the code it tests.
"""

import datetime as dt
import io
import itertools

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from accounts.oauth import SCOPES
from media_store.models import Photo
from media_store.storage import photos
from reservations.models import Reservation
from tests.api import Api, as_app, as_person, in_session
from tests.factories import (
    CommentFactory,
    CommentPhotoFactory,
    DesignerFactory,
    PaymentFactory,
    PhotoFactory,
    PortfolioPhotoFactory,
    PortraitFactory,
    PostFactory,
    PostPhotoFactory,
    ProductFactory,
    ReservationFactory,
    ReservationPhotoFactory,
    UserFactory,
    bearer,
)

pytestmark = pytest.mark.django_db

UNAUTHENTICATED, DENIED = (401, "ERR: Authentication required."), (403, "ERR: Permission denied.")
TYPES = {"customer": 1, "tester": 5, "designer": 2, "finance": 0, "system": 3, "administrator": 4}
EVERYBODY = {*TYPES, "app"}

# Which rows each caller reads and writes; a caller who is not named is refused at the route.
RESERVATIONS = {
    "GET": {
        "customer": {"own"}, "tester": {"own"}, "designer": {"own", "theirs"}, "finance": {"own", "theirs", "other's"},
        "system": {"own", "theirs", "other's"}, "administrator": {"own", "theirs", "other's"},
        "app": {"own", "theirs", "other's"},
    },
    "PATCH": {
        "customer": {"own"}, "tester": {"own"}, "designer": {"theirs"}, "administrator": {"own", "theirs", "other's"},
        "app": {"own", "theirs", "other's"},
    },
    "DELETE": {
        "customer": {"own"}, "tester": {"own"}, "designer": {"theirs"}, "administrator": {"own", "theirs", "other's"},
        "app": {"own", "theirs", "other's"},
    },
}  # fmt: skip
# POST /reserv: for whom, with whom.
RESERVE = {
    "customer": {("self", "any")}, "tester": {("self", "any")},
    "designer": {("self", "any"), ("other", "self"), ("self", "self")},
    "administrator": {("self", "any"), ("other", "any")}, "app": {("other", "any")},
}  # fmt: skip
# Which accounts each caller sees at all, and writes.
USERS = {
    "GET": {
        "anonymous": {"a designer"}, "customer": {"self", "a designer"}, "tester": {"self", "a designer"},
        "designer": {"self", "a designer", "a customer of theirs"},
        "finance": {"self", "a designer", "a customer", "a customer of theirs", "staff"},
        "system": {"self", "a designer", "a customer", "a customer of theirs", "staff"},
        "administrator": {"self", "a designer", "a customer", "a customer of theirs", "staff"},
        "app": {"a designer", "a customer", "a customer of theirs", "staff"},
    },
    "PATCH": {
        "customer": {"self"}, "tester": {"self"}, "designer": {"self"},
        "system": {"self", "a designer", "a customer", "a customer of theirs", "staff"},
        "administrator": {"self", "a designer", "a customer", "a customer of theirs", "staff"},
        "app": {"a customer", "a customer of theirs"},
    },
}  # fmt: skip
USERS["DELETE"] = USERS["PATCH"]
# Whose posts and comments each caller writes; everybody reads all.
BOARD = {
    "customer": {"own"}, "tester": {"own"}, "designer": {"own"}, "administrator": {"own", "other's"},
    "app": {"own", "other's"},
}  # fmt: skip
# Which photos each caller sees, and whose files each uploads.
SHOWN = {"on a post", "on a comment", "a portrait", "in a portfolio"}
PHOTOS = {
    "anonymous": SHOWN, "customer": SHOWN | {"own"}, "tester": SHOWN | {"own"},
    "designer": SHOWN | {"own", "on theirs"}, "finance": SHOWN | {"own", "on theirs", "other's"},
    "system": SHOWN | {"own", "on theirs", "other's"}, "administrator": SHOWN | {"own", "on theirs", "other's"},
    "app": SHOWN | {"own", "on theirs", "other's"},
}  # fmt: skip
REGISTER = {
    "anonymous": {1}, "customer": {1}, "tester": {1}, "designer": {1}, "system": set(range(6)),
    "administrator": set(range(6)), "app": {1},
}  # fmt: skip
# Whose money each caller sees, and moves.
SEES_MONEY = {
    "customer": {"own"}, "tester": {"own"}, "designer": {"own"}, "finance": {"own", "other's"},
    "system": {"own", "other's"}, "administrator": {"own", "other's"}, "app": {"own", "other's"},
}  # fmt: skip
MOVES_MONEY = {
    "customer": {"own"}, "tester": {"own"}, "designer": {"own"}, "finance": {"own", "other's"},
    "administrator": {"own", "other's"}, "app": {"own", "other's"},
}  # fmt: skip
KEYS = {"system", "administrator"}
SCOPE = {"reserv": "reservations", "user": "users"}
DOORS = ["session", "token", "token and another's session"]


class World:
    """One caller, and rows in every relation to it."""

    def __init__(self, caller):
        if caller == "designer":
            self.me = DesignerFactory().user
        else:
            self.me = UserFactory(type=TYPES[caller]) if caller in TYPES else None
        self.designer = self.me.designer if caller == "designer" else DesignerFactory()
        self.administrators = UserFactory.create_batch(2, staff=True)

    def reservation(self, relation):
        """own: the caller is the customer; theirs: the caller is the designer; other's: neither."""
        row = {
            "own": {"customer": self.me or UserFactory(), "designer": DesignerFactory()},
            "theirs": {"designer": self.designer},
            "other's": {},
            "trashed": {"customer": self.me or UserFactory(), "designer": self.designer, "trashed": True},
        }[relation]
        return ReservationFactory(**row)

    def user(self, relation):
        if relation == "a customer of theirs":
            return ReservationFactory(designer=self.designer).customer
        return {
            "self": lambda: self.me or UserFactory(),
            "a designer": lambda: DesignerFactory().user,
            "a customer": UserFactory,
            "staff": lambda: self.administrators[0],
        }[relation]()

    def api(self, caller, door, scopes=SCOPES):
        if caller == "anonymous":
            return Api()
        if caller == "app":
            return as_app(*scopes)
        if door == "session":
            return in_session(self.me)
        api = as_person(self.me, scopes)
        if door != "token":
            api.client.force_login(UserFactory(staff=True), backend="accounts.backends.RoleBackend")
        return api


def cases(*names, doors=DOORS):
    return [
        pytest.param(*case, door, id="-".join([*map(str, case), door]))
        for case in itertools.product([*TYPES, "app", "anonymous"], *names)
        for door in (doors if case[0] in TYPES else ["token"])
    ]


def refused(answer, caller):
    return (answer.http, answer.errors) == (UNAUTHENTICATED if caller == "anonymous" else DENIED)


# ---------------------------------------------------------------- /reserv


@pytest.mark.parametrize(("caller", "relation", "door"), cases(["own", "theirs", "other's", "trashed"]))
def test_get_reserv(caller, relation, door):
    world = World(caller)
    row = world.reservation(relation)

    answer = world.api(caller, door).get("/reserv", {"rule": {"id": row.pk}})

    if caller not in RESERVATIONS["GET"]:
        assert refused(answer, caller)
    else:
        seen = [row.pk] if relation in RESERVATIONS["GET"][caller] else []
        assert [found["id"] for found in answer.contents] == seen


@pytest.mark.parametrize(
    ("caller", "method", "relation", "door"),
    cases(["PATCH", "DELETE"], ["own", "theirs", "other's", "trashed", "unknown"]),
)
def test_write_reserv(caller, method, relation, door):
    world = World(caller)
    row = None if relation == "unknown" else world.reservation(relation)
    base = {"id": row.pk if row else 10**9}
    body = {"base": base, "data": {"note": "바뀜"}} if method == "PATCH" else {"rule": base}

    answer = world.api(caller, door).send(method, "/reserv", body)

    if caller not in RESERVATIONS[method]:
        assert refused(answer, caller)
        affected = 0
    else:
        info = answer.contents["updateInfo" if method == "PATCH" else "delInfo"]
        affected = int(relation in RESERVATIONS[method][caller])
        assert info["affected"] == affected
    if row:
        now = Reservation.objects.get(pk=row.pk)
        changed = now.note == "바뀜" if method == "PATCH" else (now.trashed_at != row.trashed_at)
        assert changed == bool(affected)


@pytest.mark.parametrize(("caller", "who", "whom", "door"), cases(["self", "other"], ["self", "any"]))
def test_post_reserv(caller, who, whom, door):
    world = World(caller)
    customer = world.me if who == "self" and world.me else UserFactory()
    designer = world.designer if whom == "self" else DesignerFactory()
    body = {"time": "20260305-10:00", "id": customer.userid, "designer_id": designer.user.userid}

    answer = world.api(caller, door).post("/reserv", body)

    allowed = RESERVE.get(caller, set())
    if caller == "app":
        may = True
    else:
        may = (who, whom) in allowed or (who, "any") in allowed
    if may:
        assert answer.contents["regInfo"]["user_id"] == customer.userid
    else:
        assert refused(answer, caller)
    assert Reservation.objects.exists() == may


# ---------------------------------------------------------------- /user


PEOPLE = ["self", "a designer", "a customer", "a customer of theirs", "staff"]


@pytest.mark.parametrize(("caller", "relation", "door"), cases(PEOPLE))
def test_get_user(caller, relation, door):
    world = World(caller)
    user = world.user(relation)

    answer = world.api(caller, door).get("/user", {"rule": {"userid": user.userid}})

    seen = relation in USERS["GET"][caller] and not (relation == "self" and world.me is None)
    if relation == "self" and world.me is None:
        seen = caller == "app"
    assert [row["userid"] for row in answer.contents] == ([user.userid] if seen else [])


@pytest.mark.parametrize(("caller", "method", "relation", "door"), cases(["PATCH", "DELETE"], PEOPLE))
def test_write_user(caller, method, relation, door):
    world = World(caller)
    user = world.user(relation)
    Reservation.objects.all().update(trashed_at=timezone.now() - dt.timedelta(days=1))
    base = {"userid": user.userid}
    body = {"base": base, "data": {"name": "바뀐이름"}} if method == "PATCH" else {"rule": base}
    may = relation in USERS[method].get(caller, set()) or (caller == "app" and relation == "self")

    answer = world.api(caller, door).send(method, "/user", body)

    if caller not in USERS[method]:
        assert refused(answer, caller)
    elif may:
        assert answer.contents["res"] is True
    elif method == "PATCH":
        assert answer.failure == (404, 500, f"ERR: Cannot find user: {user.userid}")
    else:
        assert answer.contents["delInfo"]["affected"] == 0
    now = User.objects.get(pk=user.pk)
    assert (now.name == "바뀐이름" or now.withdrawn_at is not None) == may


@pytest.mark.parametrize(("caller", "account_type", "door"), cases(range(6)))
def test_post_user(caller, account_type, door):
    body = {
        "userid": "newcomer", "pw": "a password of some length", "type": account_type, "name": "새사람",
        "pn": "010-1234-5678", "email": "new@example.com", "birth": "1990.01.01",
    }  # fmt: skip

    answer = World(caller).api(caller, door).post("/user", body)

    may = account_type in REGISTER.get(caller, set())
    assert (answer.http, answer.errors) == ((200, None) if may else DENIED)
    assert User.objects.named("newcomer").exists() == may


# ---------------------------------------------------------------- /post, /comment


def words(path, world, relation):
    factory = PostFactory if path == "/post" else CommentFactory
    return factory(author=world.me if relation == "own" and world.me else UserFactory())


@pytest.mark.parametrize(("caller", "path", "door"), cases(["/post", "/comment"]))
def test_get_board(caller, path, door):
    world = World(caller)
    row = words(path, world, "other's")

    answer = world.api(caller, door).get(path, {"rule": "all"})

    assert [found["userid"] for found in answer.contents] == [row.author.userid]


@pytest.mark.parametrize(
    ("caller", "path", "method", "relation", "door"),
    cases(["/post", "/comment"], ["PATCH", "DELETE"], ["own", "other's"]),
)
def test_write_board(caller, path, method, relation, door):
    world = World(caller)
    row = words(path, world, relation)
    base = {"postid": row.postid} if path == "/post" else {"commid": row.commid}
    body = {"base": base, "data": {"title": "바뀜"}} if method == "PATCH" else {"rule": base}

    answer = world.api(caller, door).send(method, path, body)

    may = relation in BOARD.get(caller, set())
    if caller not in BOARD:
        assert refused(answer, caller)
    else:
        assert (answer.http, answer.contents) == (200, True)
    row.refresh_from_db()
    assert (row.title == "바뀜" or row.trashed_at is not None) == may


@pytest.mark.parametrize(("caller", "path", "whose", "door"), cases(["/post", "/comment"], ["own", "other's"]))
def test_post_board(caller, path, whose, door):
    world = World(caller)
    author = world.me if whose == "own" and world.me else UserFactory()
    body = {"userid": author.userid, "title": "제목", "cont": "내용", "postid": PostFactory().postid}

    answer = world.api(caller, door).post(path, body)

    if whose in BOARD.get(caller, set()):
        assert answer.contents["regInfo"]["user_id"] == author.userid
    else:
        assert refused(answer, caller)


@pytest.mark.parametrize(("caller", "path", "door"), cases(["/post", "/comment"]))
def test_addresses_are_for_staff_and_app_clients_to_look_for(caller, path, door):
    world = World(caller)
    words(path, world, "other's")

    answer = world.api(caller, door).get(path, {"rule": {"ip": "192.0.2.1"}})

    if caller in {"finance", "system", "administrator", "app"}:
        assert len(answer.contents) == 1
    else:
        assert (answer.http, answer.errors) == DENIED


# ---------------------------------------------------------------- /photo_*


def photo(world, relation):
    row = PhotoFactory(
        uploader=world.me if relation == "own" and world.me else UserFactory(), trashed=relation == "trashed"
    )
    {
        "on theirs": lambda: ReservationPhotoFactory(photo=row, reservation=world.reservation("theirs")),
        "on a cancelled one of theirs": lambda: ReservationPhotoFactory(
            photo=row, reservation=world.reservation("trashed")
        ),
        "on a post": lambda: PostPhotoFactory(photo=row),
        "on a trashed post": lambda: PostPhotoFactory(photo=row, post=PostFactory(trashed=True)),
        "on a comment": lambda: CommentPhotoFactory(photo=row),
        "on a deleted comment": lambda: CommentPhotoFactory(photo=row, comment=CommentFactory(deleted=True)),
        "on a comment of a trashed post": lambda: CommentPhotoFactory(
            photo=row, comment=CommentFactory(post=PostFactory(trashed=True))
        ),
        "a portrait": lambda: PortraitFactory(photo=row),
        "in a portfolio": lambda: PortfolioPhotoFactory(photo=row),
        "on a former designer's": lambda: PortfolioPhotoFactory(photo=row, designer__active=False),
    }.get(relation, lambda: None)()
    return row


def keep_bytes(row):
    photos().save(row.storage_key, io.BytesIO(b"bytes"))
    Photo.objects.filter(pk=row.pk).update(size=5)


PHOTO_RELATIONS = [
    "own", "on theirs", "on a cancelled one of theirs", "other's", "on a post", "on a trashed post", "on a comment",
    "on a deleted comment", "on a comment of a trashed post", "a portrait", "in a portfolio", "on a former designer's",
    "trashed",
]  # fmt: skip


@pytest.mark.parametrize(("caller", "relation", "door"), cases(PHOTO_RELATIONS))
def test_get_photo(caller, relation, door):
    world = World(caller)
    row = photo(world, relation)
    keep_bytes(row)
    api = world.api(caller, door)

    answers = [
        api.get("/photo_l", {"photoid": row.photoid}).http,
        api.client.get(f"/photo_w?photoid={row.photoid}", headers=api.headers),
        api.client.post("/photo_d", {"photoid": row.photoid}, headers=api.headers),
    ]

    seen = relation in PHOTOS[caller]
    if relation.startswith("on a ") and relation not in PHOTOS[caller]:
        seen = "other's" in PHOTOS[caller]
    # What has metadata, or is no picture, goes to who gets the original (R31).
    original = seen and (caller in {"finance", "system", "administrator", "app"} or relation in {"own", "on theirs"})
    for answer in answers[1:]:
        assert (answer.status_code, answer.getvalue() == b"bytes") == ((200, True) if original else (404, False))
    assert answers[0] == (200 if seen else 404)


@pytest.mark.parametrize(("caller", "whose", "door"), cases(["own", "other's", "nobody's"]))
def test_upload(caller, whose, door):
    world = World(caller)
    owner = world.me if whose == "own" and world.me else UserFactory()
    userid = "nobody" if whose == "nobody's" else owner.userid
    api = world.api(caller, door)

    data = {"userid": userid, "file": SimpleUploadedFile("a.png", b"bytes")}
    answer = api._answer(api.client.post("/photo_u", data, headers=api.headers))

    may = whose in BOARD.get(caller, set())
    if whose == "nobody's" and "other's" in BOARD.get(caller, set()):
        assert answer.failure == (400, 400, "ERR: Cannot find user: nobody")
    elif may:
        assert Photo.objects.get().uploader == owner
    else:
        assert refused(answer, caller)
    assert Photo.objects.exists() == may


# ---------------------------------------------------------------- /product, /payment


def whose_money(world, whose):
    return world.me if whose == "own" and world.me else UserFactory()


@pytest.mark.parametrize(("caller", "door"), cases())
def test_get_product(caller, door):
    product = ProductFactory()

    answer = World(caller).api(caller, door).get("/product", {"rule": "all"})

    assert [row["id"] for row in answer.contents] == [product.pk]


@pytest.mark.parametrize(("caller", "whose", "door"), cases(["own", "other's"]))
def test_get_payment(caller, whose, door):
    world = World(caller)
    payment = PaymentFactory(payer=whose_money(world, whose))

    answer = world.api(caller, door).get("/payment", {"rule": {"payment_UID": payment.payment_uid}})

    if caller not in SEES_MONEY:
        assert refused(answer, caller)
    else:
        assert len(answer.contents) == (whose in SEES_MONEY[caller])


@pytest.mark.parametrize(
    ("caller", "whose", "path", "door"),
    cases(
        ["own", "other's"],
        [
            "card/onetime", "OAuth2.0/card/onetime", "OAuth2.0/card/schedule", "OAuth2.0/vbank/onetime",
            "OAuth2.0/vbank/schedule", "cancel", "OAuth2.0/cancel",
        ],
    ),
)  # fmt: skip
def test_moving_money(caller, whose, path, door):
    """Where it is allowed, the next thing is that IMP is not configured here."""
    world = World(caller)
    payment = PaymentFactory(payer=whose_money(world, whose))
    card = {"paytype": 1, "cardnum": "5361-4890-1234-1704", "expiry": "2030-12", "pwd": "12"}
    card |= {"bank": "088", "time": "20300109-10:30"}
    body = {"userid": payment.payer.userid, "p_array": [ProductFactory().pk], "reason": "x", **card}

    answer = world.api(caller, door).post(f"/payment/{path}", body | {"paym_id": payment.payment_uid})

    if door == "session" and caller in TYPES and path.startswith("OAuth2.0"):
        assert refused(answer, "anonymous")  # these are for tokens
    elif whose in MOVES_MONEY.get(caller, set()) or (caller == "app" and whose == "own"):
        assert (answer.http, answer.errors) == (503, "serviceNotReady")
    else:
        assert refused(answer, caller)


# ---------------------------------------------------------------- keys, scopes, doors


@pytest.mark.parametrize(("caller", "door"), cases())
def test_issuing_keys(caller, door):
    answer = World(caller).api(caller, door).post("/payment/OAuth2.0/api", {"name": "x"})

    if caller in KEYS:
        assert set(answer.contents) == {"api_key", "api_secret", "scope"}
    else:
        assert refused(answer, caller)


ROUTES = [
    ("GET", "/reserv?rule=all", {}, "reservations:read"),
    ("POST", "/reserv", {}, "reservations:write"),
    ("PATCH", "/reserv", {}, "reservations:write"),
    ("DELETE", "/reserv", {}, "reservations:write"),
    ("GET", "/user?rule=all", {}, "users:read"),
    ("POST", "/user", {}, "users:write"),
    ("PATCH", "/user", {}, "users:write"),
    ("DELETE", "/user", {}, "users:write"),
    ("GET", "/post?rule=all", {}, "board:read"),
    ("POST", "/post", {}, "board:write"),
    ("PATCH", "/post", {}, "board:write"),
    ("DELETE", "/post", {}, "board:write"),
    ("GET", "/comment?rule=all", {}, "board:read"),
    ("POST", "/comment", {}, "board:write"),
    ("PATCH", "/comment", {}, "board:write"),
    ("DELETE", "/comment", {}, "board:write"),
    ("GET", "/photo_l?photoid=unknown", {}, "photos:read"),
    ("GET", "/photo_w?photoid=unknown", {}, "photos:read"),
    ("POST", "/photo_d", {"photoid": "unknown"}, "photos:read"),
    ("POST", "/photo_u", {}, "photos:write"),
    ("POST", "/payment/OAuth2.0/api", {}, "payment"),
    ("GET", "/product?rule=all", {}, "payment"),
    ("GET", "/payment?rule=all", {}, "payment"),
    ("POST", "/payment/card/onetime", {}, "payment"),
    ("POST", "/payment/OAuth2.0/card/onetime", {}, "payment"),
    ("POST", "/payment/OAuth2.0/card/schedule", {}, "payment"),
    ("POST", "/payment/OAuth2.0/vbank/onetime", {}, "payment"),
    ("POST", "/payment/OAuth2.0/vbank/schedule", {}, "payment"),
    ("POST", "/payment/cancel", {}, "payment"),
    ("POST", "/payment/OAuth2.0/cancel", {}, "payment"),
]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
@pytest.mark.parametrize("caller", ["administrator", "app"])
def test_each_scope_opens_its_routes_and_no_others(caller, method, path, body, needed, scope):
    answer = World(caller).api(caller, "token", [scope]).send(method, path, body)

    opened = scope == needed and not (caller == "app" and path == "/payment/OAuth2.0/api")
    assert ((answer.http, answer.errors) != DENIED) == opened


@pytest.mark.parametrize(("method", "path", "body", "needed"), ROUTES)
@pytest.mark.parametrize("token", ["expired", "withdrawn", "unknown"])
def test_a_dead_token_opens_nothing(method, path, body, needed, token):
    user = UserFactory()
    raw = {
        "expired": lambda: bearer(user, expires_in=-1),
        "withdrawn": lambda: bearer(user),
        "unknown": lambda: "x" * 30,
    }[token]()
    if token == "withdrawn":
        User.objects.filter(pk=user.pk).update(name="", pn="", email="", birth=None, withdrawn_at=timezone.now())

    answer = Api(token=raw).send(method, path, body)

    assert (answer.http, answer.errors) == UNAUTHENTICATED


def test_a_demoted_person_loses_the_rights_at_once():
    user = UserFactory(staff=True)
    row = ReservationFactory()
    token, session = as_person(user), in_session(user)

    User.objects.filter(pk=user.pk).update(type=1)

    for api in (token, session):
        assert api.get("/reserv", {"rule": {"id": row.pk}}).contents == []


def test_a_designer_who_loses_a_reservation_no_longer_sees_it():
    row = ReservationFactory()
    api = as_person(row.designer.user)
    assert len(api.get("/reserv", {"rule": "all"}).contents) == 1

    row.designer = DesignerFactory()
    row.save()

    assert api.get("/reserv", {"rule": "all"}).contents == []
