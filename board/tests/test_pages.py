"""The board in a browser: who reads, who writes, and that nothing typed is lost."""

import datetime as dt
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from board.models import Comment, Post
from media_store.tests.pictures import picture
from tests.factories import (
    CommentFactory,
    CommentPhotoFactory,
    DesignerFactory,
    PhotoFactory,
    PostFactory,
    PostPhotoFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

WORDS = {"title": "단발로 바꿨어요", "cont": "큰맘 먹고 잘랐습니다."}


def browser(user=None):
    client = Client()
    if user is not None:
        client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


def page(name, *args):
    return reverse(f"board:{name}", args=args)


def text(answer):
    """What the page shows, in one line."""
    main = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


class Elements(HTMLParser):
    """What a browser would make of some HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


# ---------------------------------------------------------------- the list


def test_everybody_reads_the_newest_first_with_its_comments_counted():
    old = PostFactory(title="첫 글", created_at=timezone.now() - dt.timedelta(days=2))
    PostFactory(title="새 글", author__userid="hong", created_at=timezone.now() - dt.timedelta(minutes=3))
    PostFactory(title="버린 글", trashed=True)
    CommentFactory(post=old)
    CommentFactory(post=old, deleted=True)

    shown = text(browser().get(page("posts")))

    assert shown.index("새 글") < shown.index("첫 글")
    assert re.search(r"새 글 .+ hong · 3분 전 첫 글 .+ · 2일 전 · 댓글 1개", shown)
    assert "버린 글" not in shown


def test_the_list_names_people_as_everybody_may_know_them():
    PostFactory(author=DesignerFactory(user__userid="kim", user__name="김하늘").user)
    PostFactory(author__userid="hong", author__name="홍길동")
    PostFactory(author=UserFactory(userid="gone", gone=True))

    shown = text(browser().get(page("posts")))

    assert "김하늘 디자이너" in shown
    assert "hong" in shown
    assert "탈퇴한 회원" in shown
    assert "홍길동" not in shown
    assert "gone" not in shown


def test_the_first_picture_stands_beside_a_post():
    post = PostFactory()
    letter = PostPhotoFactory(post=post, position=0, photo__content_type="").photo
    trashed = PostPhotoFactory(post=post, position=1, photo__trashed=True).photo
    first = PostPhotoFactory(post=post, position=2).photo
    second = PostPhotoFactory(post=post, position=3).photo

    shown = browser().get(page("posts")).content.decode()

    assert reverse("media_store:photo", args=[first.photoid, "small"]) in shown
    assert not any(photo.photoid in shown for photo in (letter, trashed, second))


def test_pages_of_the_list_stay_where_they_are_when_something_new_comes():
    for number in range(45):
        PostFactory(title=f"글 {number:02}")
    visitor = browser()
    seen, address = [], page("posts")
    while address:
        answer = visitor.get(address)
        seen += re.findall(r">글 (\d\d)<", answer.content.decode())
        PostFactory(title="방금 쓴 글")
        older = re.search(r'href="(\?before=\d+)"', answer.content.decode())
        address = page("posts") + older[1] if older else None

    assert seen == [f"{number:02}" for number in reversed(range(45))]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("펌", ["다운펌 후기"]),
        ("다운펌 후", ["다운펌 후기"]),
        ("HONG", ["다운펌 후기"]),
        ("김하늘", ["휴가 안내"]),
        ("홍길동", []),
        ("100%", ["100% 만족"]),
        ("%", ["100% 만족"]),
        ("없는 말", []),
        ("gone", []),
        ("\0펌", ["다운펌 후기"]),
        ("펌" * 500, []),
    ],
)
def test_posts_are_found_by_title_and_by_author(words, titles):
    PostFactory(title="다운펌 후기", author__userid="hong", author__name="홍길동")
    PostFactory(title="휴가 안내", author=DesignerFactory(user__name="김하늘").user)
    PostFactory(title="100% 만족", author=UserFactory(userid="gone", gone=True))

    answer = browser().get(page("posts"), {"q": words})

    assert [post.title for post in answer.context["posts"]] == titles
    assert ("찾은 글이 없습니다" in text(answer)) == (not titles)


def test_found_posts_have_pages_too():
    for number in range(25):
        PostFactory(title=f"펌 {number}")
    visitor = browser()

    first = visitor.get(page("posts"), {"q": "펌"})
    older = re.search(r'href="(\?[^"]+)"\s+rel="next"', first.content.decode())[1].replace("&amp;", "&")
    second = visitor.get(page("posts") + older)

    assert [len(answer.context["posts"]) for answer in (first, second)] == [20, 5]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 18, "9" * 40, "²", "1' OR 1", ""])
def test_a_page_that_never_was_is_no_fault(before):
    PostFactory()

    assert browser().get(page("posts"), {"before": before}).status_code == 200
    assert browser().get(page("post_page", PostFactory().postid), {"before": before}).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_database_as_often_for_three_as_for_one(rows, django_assert_num_queries):
    for _ in range(rows):
        post = PostFactory()
        PostPhotoFactory(post=post)
        CommentFactory(post=post)
    visitor, reader = browser(), browser(UserFactory())

    with django_assert_num_queries(1):
        visitor.get(page("posts"))
    with django_assert_num_queries(5):  # session, reader, authors of that name, keys, posts
        reader.get(page("posts"), {"q": "단발"})


# ---------------------------------------------------------------- a post


@pytest.mark.parametrize("rows", [1, 3])
def test_a_post_asks_the_database_as_often_for_three_comments_as_for_one(rows, django_assert_num_queries):
    post = PostFactory()
    for number in range(rows):
        PostPhotoFactory(post=post, position=number)
        CommentPhotoFactory(comment__post=post)
    reader = browser(UserFactory())

    with django_assert_num_queries(7):  # session, reader, post, its photos, comments, their photos, the reader's own
        reader.get(page("post_page", post.postid))


def test_a_deleted_comment_keeps_its_place_and_nothing_else():
    post = PostFactory()
    CommentFactory(post=post, cont="첫째")
    gone = CommentPhotoFactory(comment__post=post, comment__cont="둘째", comment__title="제목", comment__deleted=True)
    CommentFactory(post=post, cont="셋째")
    CommentFactory(post=post, cont="빠진 것", deleted=True, left_out=True)

    for reader in (None, gone.comment.author):
        answer = browser(reader).get(page("post_page", post.postid))
        shown = text(answer)
        assert shown.index("첫째") < shown.index("삭제된 댓글입니다.") < shown.index("셋째")
        assert "둘째" not in shown
        assert "빠진 것" not in shown
        assert gone.photo.photoid not in answer.content.decode()


def test_of_many_comments_the_latest_are_shown_and_the_others_a_step_away():
    post = PostFactory()
    for number in range(120):
        CommentFactory(post=post, cont=f"답 {number:03}")
    seen, address = [], page("post_page", post.postid)
    while address:
        shown = browser().get(address).content.decode()
        seen = re.findall(r"답 (\d{3})", shown.split("<ol")[1]) + seen
        earlier = re.search(r'href="(\?before=\d+)#comments"', shown)
        address = page("post_page", post.postid) + earlier[1] if earlier else None

    assert seen == [f"{number:03}" for number in range(120)]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('"><img src=x onerror=alert(1)>', "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("{{ 7|add:7 }}{% csrf_token %}", "{{ 7|add:7 }}{% csrf_token %}"),
        ('http://a.kr/"onmouseover="alert(1)', "&quot;onmouseover=&quot;alert(1)"),
        ("http://a.kr/<script>", "&lt;script&gt;"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
    ],
)
def test_what_people_write_is_text_and_nothing_else(said, shown):
    post = PostFactory(title=said[:50], cont=said)
    CommentFactory(post=post, title=said[:50], cont=f"{said}\n그리고")
    author = browser(post.author)

    pages = [
        browser().get(page("post_page", post.postid)),
        browser().get(page("posts"), {"q": said[:50]}),
        author.get(page("edit", post.postid)),
        author.get(page("trash", post.postid)),
    ]

    for answer in pages:
        elements = Elements(answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0])
        assert not {"script", "b"} & set(elements.tags)
        assert ("src", "x") not in elements.attributes
        assert not [name for name, _value in elements.attributes if name.startswith("on")]
        assert not [value for name, value in elements.attributes if name == "href" and value.startswith("javascript")]
    assert shown in pages[0].content.decode()


def test_lines_stay_lines_and_links_lead_out_harmlessly():
    post = PostFactory(cont="첫 줄\n둘째 줄\n\nhttps://example.com/a?b=1&c=2 보세요")

    shown = browser().get(page("post_page", post.postid)).content.decode()

    assert "<p>첫 줄<br>둘째 줄</p>" in shown
    assert '<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow">' in shown


@pytest.mark.parametrize("postid", ["nothing", "x" * 17, "%00", "가", "..", "1' OR"])
def test_what_is_no_post_is_not_found(postid):
    for visitor in (browser(), browser(UserFactory())):
        assert visitor.get(f"/board/{postid}/").status_code == 404
        assert visitor.get(page("post_page", PostFactory(trashed=True).postid)).status_code == 404


# ---------------------------------------------------------------- writing


def test_who_is_signed_in_writes_a_post(clock):
    author = UserFactory()
    writer = browser(author)

    typed = {"title": " 단발\t후기 ", "cont": "첫 줄\r\n둘째 줄\r\n"}
    answer = writer.post(page("write"), typed, REMOTE_ADDR="192.0.2.9")

    post = Post.objects.get()
    assert (post.author, post.title, post.cont, post.ip) == (author, "단발 후기", "첫 줄\n둘째 줄", "192.0.2.9")
    assert answer["Location"] == page("post_page", post.postid)
    assert "글을 올렸습니다." in text(writer.get(answer["Location"]))


def test_a_second_click_writes_no_second_post(clock):
    writer, other = browser(UserFactory()), browser(UserFactory())

    addresses = {writer.post(page("write"), WORDS)["Location"] for _ in range(2)}
    other.post(page("write"), WORDS)
    assert (len(addresses), Post.objects.count()) == (1, 2)

    clock.shift(61)
    writer.post(page("write"), WORDS)
    assert Post.objects.count() == 3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"title": ""}, "제목을 써 주세요."),
        ({"cont": " \n "}, "내용을 써 주세요."),
        ({"title": "가" * 51}, "50"),
        ({"cont": "가" * 5001}, "5000"),
        ({"cont": "a\0b"}, "사용할 수 없습니다"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(given, told):
    typed = WORDS | given

    answer = browser(UserFactory()).post(page("write"), typed)

    assert answer.status_code == 200
    assert told in text(answer)
    assert answer.context["form"]["title"].value() == typed["title"]
    assert answer.context["form"]["cont"].value() == typed["cont"]
    assert not Post.objects.exists()


def test_line_breaks_count_as_one_character():
    browser(UserFactory()).post(page("write"), WORDS | {"cont": "가\r\n" * 2499 + "가가"})

    assert len(Post.objects.get().cont) == settings.POST_MAX_CHARACTERS


def test_a_post_and_a_comment_show_photos_of_their_authors():
    author = UserFactory()
    old = PhotoFactory(uploader=author)
    writer = browser(author)

    writer.post(
        page("write"), WORDS | {"photos": [old.photoid], "photos-new": [SimpleUploadedFile("a.png", picture())]}
    )
    post = Post.objects.get()
    new = author.photos.latest("pk")
    writer.post(page("write_comment", post.postid), {"cont": "여기 하나 더", "photos": [new.photoid]})

    assert shown_on(post) == [old.photoid, new.photoid]
    assert shown_on(Comment.objects.get()) == [new.photoid]
    html = browser().get(page("post_page", post.postid)).content.decode()
    assert html.count(reverse("media_store:photo", args=[new.photoid, "large"])) >= 2


def test_photos_of_others_are_not_shown_and_no_word_is_lost():
    foreign = PhotoFactory()
    writer = browser(UserFactory())

    answer = writer.post(page("write"), WORDS | {"photos": [foreign.photoid]})

    assert "그런 사진을 찾을 수 없습니다." in text(answer)
    assert answer.context["form"]["cont"].value() == WORDS["cont"]
    assert foreign.photoid not in answer.content.decode()
    assert not Post.objects.exists()


def test_more_photos_than_a_post_takes_are_refused():
    author = UserFactory()
    photoids = [PhotoFactory(uploader=author).photoid for _ in range(settings.POST_MAX_PHOTOS + 1)]

    answer = browser(author).post(page("write"), WORDS | {"photos": photoids})

    assert f"사진은 {settings.POST_MAX_PHOTOS}장까지 고를 수 있어요." in text(answer)
    assert answer.context["form"]["photos"].value() == photoids


def test_photos_that_were_chosen_are_chosen_again_after_signing_in():
    author = UserFactory()
    mine, foreign = PhotoFactory(uploader=author), PhotoFactory()
    writer = browser()

    writer.post(
        page("write"),
        WORDS
        | {
            "photos": [mine.photoid, foreign.photoid, "x" * 999],
            "photos-new": [SimpleUploadedFile("a.png", picture())],
        },
    )
    assert "새로 고른 사진은 로그인한 뒤 다시 골라 주세요." in text(writer.get(reverse("accounts:sign_in")))
    writer.force_login(author, backend="accounts.backends.RoleBackend")
    form = writer.get(page("write")).context["form"]

    assert [choice.photo for choice in form["photos"].choices if choice.chosen] == [mine]


def test_whose_session_ended_while_writing_loses_nothing():
    author = UserFactory(userid="hong")
    author.set_password("cody-demo-pw")
    author.save()
    writer = browser()

    refused = writer.post(page("write"), WORDS)
    assert refused["Location"] == f"{reverse('accounts:sign_in')}?next=/board/write/"
    assert "그대로 이어집니다" in text(writer.get(refused["Location"]))
    signed_in = writer.post(
        reverse("accounts:sign_in"), {"username": "hong", "password": "cody-demo-pw", "next": page("write")}
    )
    resumed = writer.get(signed_in["Location"])

    assert "쓰시던 글입니다" in text(resumed)
    assert {name: resumed.context["form"][name].value() for name in WORDS} == WORDS
    writer.post(page("write"), WORDS)
    assert Post.objects.get().author == author
    assert writer.get(page("write")).context["form"]["cont"].value() is None


def test_who_is_not_signed_in_is_asked_to_before_writing():
    assert browser().get(page("write"))["Location"] == f"{reverse('accounts:sign_in')}?next=/board/write/"


@pytest.mark.parametrize("role", ["finance", "system"])
def test_staff_that_only_reads_here_writes_nothing(role):
    post = PostFactory()
    reader = browser(UserFactory(**{role: True}))

    assert reader.get(page("write")).status_code == 403
    assert reader.post(page("write"), WORDS).status_code == 403
    assert reader.post(page("write_comment", post.postid), {"cont": "예뻐요"}).status_code == 403
    assert page("write") not in text(reader.get(page("posts")))
    assert "댓글 올리기" not in text(reader.get(page("post_page", post.postid)))
    assert (Post.objects.count(), Comment.objects.count()) == (1, 0)


# ---------------------------------------------------------------- changing


def with_photos(post, *kinds):
    """Photos of the author's own on the post, one of each type."""
    return [
        PostPhotoFactory(
            post=post, position=number, photo__uploader=post.author, photo__content_type=kind
        ).photo.photoid
        for number, kind in enumerate(kinds)
    ]


def shown_on(post):
    return list(post.attachments.order_by("position").values_list("photo__photoid", flat=True))


def test_an_author_changes_their_post_and_keeps_its_photos():
    post = PostFactory()
    photoids = with_photos(post, "image/png", "image/png", "")
    author = browser(post.author)

    form = author.get(page("edit", post.postid)).context["form"]
    assert (form["cont"].value(), form["photos"].value()) == (post.cont, photoids[:2])
    typed = {"title": "새 제목", "cont": "새 내용", "photos": photoids[:2]}
    answer = author.post(page("edit", post.postid), typed)

    assert answer["Location"] == page("post_page", post.postid)
    post.refresh_from_db()
    assert (post.title, post.cont) == ("새 제목", "새 내용")
    assert shown_on(post) == photoids


def test_an_author_takes_a_photo_away_and_what_is_no_picture_stays():
    post = PostFactory()
    _first, second, letter = with_photos(post, "image/png", "image/png", "")

    browser(post.author).post(page("edit", post.postid), WORDS | {"photos": [second]})

    assert shown_on(post) == [second, letter]


def test_an_administrator_changes_words_and_leaves_photos_alone():
    post = PostFactory()
    photoids = with_photos(post, "image/png")

    boss = browser(UserFactory(staff=True))
    assert "photos" not in boss.get(page("edit", post.postid)).context["form"].fields
    boss.post(page("edit", post.postid), WORDS | {"photos": []})

    assert shown_on(post) == photoids


@pytest.mark.parametrize("who", ["stranger", "designer", "finance", "system"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_changes_or_trashes_it(who, method):
    comment = CommentFactory()
    post = comment.post
    user = DesignerFactory().user if who == "designer" else UserFactory(**({} if who == "stranger" else {who: True}))
    other = getattr(browser(user), method)

    for path, typed in [
        (page("edit", post.postid), {"title": "남의 글", "cont": "바꿈"}),
        (page("trash", post.postid), {}),
        (page("edit_comment", post.postid, comment.commid), {"cont": "바꿈"}),
        (page("delete_comment", post.postid, comment.commid), {}),
    ]:
        assert other(path, typed).status_code == 404, path
    post.trashed_at, post.trashed_by = timezone.now(), post.author
    post.save()
    assert other(page("restore", post.postid)).status_code == 404
    post.refresh_from_db()
    comment.refresh_from_db()
    assert (post.title, comment.cont) == (PostFactory.title, CommentFactory.cont)
    assert post.trashed_at
    assert comment.trashed_at is None


def test_who_reads_is_offered_nothing_of_others():
    comment = CommentFactory()

    for reader in (browser(), browser(UserFactory())):
        shown = reader.get(page("post_page", comment.post.postid)).content.decode()
        assert page("edit", comment.post.postid) not in shown
        assert page("trash", comment.post.postid) not in shown
        assert page("edit_comment", comment.post.postid, comment.commid) not in shown
        assert page("delete_comment", comment.post.postid, comment.commid) not in shown


def test_an_administrator_changes_all():
    comment = CommentFactory()
    boss = browser(UserFactory(staff=True))

    boss.post(page("edit", comment.post.postid), {"title": "정리", "cont": "고침"})
    boss.post(page("delete_comment", comment.post.postid, comment.commid))

    comment.refresh_from_db()
    assert comment.post.title == "정리"
    assert comment.trashed_at


def test_what_was_typed_into_a_post_that_is_gone_is_not_lost():
    post = PostFactory(trashed=True)

    answer = browser(post.author).post(page("edit", post.postid), WORDS)

    assert answer.context["form"]["cont"].value() == WORDS["cont"]
    assert "그런 글을 찾을 수 없습니다." in text(answer)
    assert browser(post.author).get(page("edit", post.postid)).status_code == 404


def test_whose_session_ended_while_changing_loses_nothing():
    post = PostFactory()
    writer = browser()

    writer.post(page("edit", post.postid), WORDS | {"cont": "새 내용"})
    writer.force_login(post.author, backend="accounts.backends.RoleBackend")

    assert writer.get(page("edit", post.postid)).context["form"]["cont"].value() == "새 내용"


# ---------------------------------------------------------------- the trash


def test_an_author_trashes_a_post_and_thinks_better_of_it():
    comment = CommentFactory()
    author = browser(comment.post.author)

    assert "글을 휴지통에 넣을까요?" in text(author.get(page("trash", comment.post.postid)))
    author.post(page("trash", comment.post.postid))
    assert Post.objects.get().trashed_by == comment.post.author
    listed = author.get(page("posts"))
    assert page("restore", comment.post.postid) in listed.content.decode()
    assert page("restore", comment.post.postid) not in author.get(page("posts")).content.decode()

    author.post(page("restore", comment.post.postid))

    assert Post.objects.get().trashed_at is None
    assert comment.cont in text(author.get(page("post_page", comment.post.postid)))


def test_a_second_click_trashes_and_brings_back_nothing_more():
    comment = CommentFactory()
    there = [comment.post.postid, comment.commid]
    writer, author = browser(comment.author), browser(comment.post.author)

    for who, act, args in [
        (writer, "delete_comment", there),
        (writer, "restore_comment", there),
        (author, "trash", there[:1]),
        (author, "restore", there[:1]),
    ]:
        assert [who.post(page(act, *args)).status_code for _click in range(2)] == [302, 302]
        assert "휴지통에 없거나" not in text(who.get(page("posts")))
    assert page("restore", there[0]) not in author.get(page("posts")).content.decode()
    assert Post.objects.live().get().comments.live().get() == comment


@pytest.mark.parametrize("kind", ["post", "comment"])
def test_what_staff_took_away_its_author_does_not_bring_back(kind):
    row = (PostFactory if kind == "post" else CommentFactory)()
    row.trashed_at, row.trashed_by = timezone.now(), UserFactory(staff=True)
    row.save()
    args = [row.postid] if kind == "post" else [row.post.postid, row.commid]

    browser(row.author).post(page("restore" if kind == "post" else "restore_comment", *args))

    row.refresh_from_db()
    assert row.trashed_at


def test_the_second_thought_comes_within_ten_minutes(clock):
    post = PostFactory()
    author = browser(post.author)
    author.post(page("trash", post.postid))
    clock.shift(601)

    answer = author.post(page("restore", post.postid), follow=True)

    assert "휴지통에 없거나, 이미 지워진 글입니다." in text(answer)
    assert Post.objects.get().trashed_at


# ---------------------------------------------------------------- comments


def test_who_is_signed_in_comments_and_the_title_is_the_beginning():
    post, author = PostFactory(), UserFactory()

    answer = browser(author).post(page("write_comment", post.postid), {"cont": "예뻐요\r\n어디서 하셨어요?"})

    comment = Comment.objects.get()
    assert (comment.author, comment.title, comment.cont) == (author, "예뻐요", "예뻐요\n어디서 하셨어요?")
    assert answer["Location"] == f"{page('post_page', post.postid)}#{comment.commid}"
    assert text(browser().get(page("post_page", post.postid))).count("예뻐요") == 1


def test_a_long_beginning_ends_with_a_word():
    post = PostFactory()

    browser(UserFactory()).post(page("write_comment", post.postid), {"cont": "저도 같은 길이로 하고 싶은데 " * 10})

    comment = Comment.objects.get()
    assert comment.title == "저도 같은 길이로 하고 싶은데 저도 같은 길이로 하고 싶은데 저도 같은 길이로 하고…"
    assert len(comment.title) <= settings.TITLE_MAX_CHARACTERS
    assert not comment.has_own_title


def test_a_title_given_through_the_api_is_shown():
    comment = CommentFactory(title="길이가 궁금해요", cont="턱선 바로 아래인가요?")

    assert "길이가 궁금해요" in text(browser().get(page("post_page", comment.post.postid)))


def test_a_second_click_writes_no_second_comment():
    post, author = PostFactory(), UserFactory()
    writer = browser(author)

    for _ in range(2):
        writer.post(page("write_comment", post.postid), {"cont": "예뻐요"})

    assert Comment.objects.count() == 1


def test_who_signs_in_after_writing_a_comment_finds_it_again():
    post, other = PostFactory(), PostFactory()
    author = UserFactory(userid="hong")
    author.set_password("cody-demo-pw")
    author.save()
    writer = browser()

    sent = writer.post(page("write_comment", post.postid), {"cont": "예뻐요"})
    back = f"{page('post_page', post.postid)}#write"
    assert sent["Location"].startswith(reverse("accounts:sign_in"))
    signed_in = writer.post(reverse("accounts:sign_in"), {"username": "hong", "password": "cody-demo-pw", "next": back})

    assert signed_in["Location"] == back
    assert not Comment.objects.exists()
    assert writer.get(page("post_page", post.postid)).context["form"]["cont"].value() == "예뻐요"
    assert writer.get(page("post_page", other.postid)).context["form"]["cont"].value() is None
    writer.post(page("write_comment", post.postid), {"cont": "예뻐요"})
    assert Comment.objects.get().author == author
    assert writer.get(page("post_page", post.postid)).context["form"]["cont"].value() is None


@pytest.mark.parametrize("cont", ["", "   ", "\x01\x02", "가" * 2001, "a\0b"])
def test_what_is_no_comment_is_said_under_the_post(cont):
    post = PostFactory()

    for writer in (browser(), browser(UserFactory())):
        answer = writer.post(page("write_comment", post.postid), {"cont": cont})
        assert answer.status_code == 200
        assert post.cont in text(answer)
        assert answer.context["form"].errors["cont"]
        assert answer.context["form"]["cont"].value() == cont
    assert not Comment.objects.exists()


def test_a_comment_on_a_post_that_is_gone_is_not_lost():
    post = PostFactory(trashed=True)

    for writer in (browser(), browser(UserFactory())):
        answer = writer.post(page("write_comment", post.postid), {"cont": "긴 이야기"})
        assert answer.status_code == 404
        assert "긴 이야기" in text(answer)
        assert "그런 글을 찾을 수 없습니다." in text(answer)


def test_an_author_changes_a_comment_and_its_derived_title():
    derived = CommentFactory(title="예뻐요", cont="예뻐요\n정말")
    titled = CommentFactory(title="질문", cont="어디인가요?", author=derived.author)
    writer = browser(derived.author)

    for comment in (derived, titled):
        answer = writer.post(page("edit_comment", comment.post.postid, comment.commid), {"cont": "멋져요\n참"})
        assert answer["Location"].endswith(f"#{comment.commid}")
        comment.refresh_from_db()

    assert (derived.title, derived.cont) == ("멋져요", "멋져요\n참")
    assert (titled.title, titled.cont) == ("질문", "멋져요\n참")


def test_a_deleted_comment_is_changed_no_more():
    comment = CommentFactory(deleted=True)
    writer = browser(comment.author)

    assert writer.get(page("edit_comment", comment.post.postid, comment.commid)).status_code == 404
    answer = writer.post(page("edit_comment", comment.post.postid, comment.commid), {"cont": "다시"})
    assert "그런 댓글을 찾을 수 없습니다." in text(answer)
    assert answer.context["form"]["cont"].value() == "다시"


def test_an_author_deletes_a_comment_and_thinks_better_of_it():
    comment = CommentFactory()
    writer = browser(comment.author)
    there = [comment.post.postid, comment.commid]

    assert "댓글을 삭제할까요?" in text(writer.get(page("delete_comment", *there)))
    writer.post(page("delete_comment", *there))
    assert page("restore_comment", *there) in writer.get(page("post_page", comment.post.postid)).content.decode()
    assert page("restore_comment", *there) not in browser().get(page("post_page", comment.post.postid)).content.decode()
    writer.post(page("restore_comment", *there))

    assert comment.cont in text(browser().get(page("post_page", comment.post.postid)))


def test_a_comment_is_not_reached_by_another_posts_address():
    comment = CommentFactory()

    answer = browser(comment.author).post(page("delete_comment", PostFactory().postid, comment.commid))

    assert answer.status_code == 404
    assert Comment.objects.get().trashed_at is None


def test_photos_that_are_not_shown_to_all_stay_out():
    post = PostFactory()
    hidden = PostPhotoFactory(post=post, photo=PhotoFactory(uploading=True)).photo

    assert hidden.photoid not in browser().get(page("post_page", post.postid)).content.decode()
