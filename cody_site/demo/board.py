"""What people say on the demo salon's board; the words are in board.toml."""

import datetime as dt
import random
import tomllib
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import User
from board.models import Comment, Post, PostPhoto
from cody_site.demo import photos

STORIES = Path(__file__).with_name("board.toml")
IP = "192.0.2.10"


def write(people: dict[str, User], rng: random.Random) -> None:
    """The posts and their comments, oldest first."""
    for told in tomllib.loads(STORIES.read_text())["post"]:
        _post(told, people, rng)


def _post(told: dict[str, Any], people: dict[str, User], rng: random.Random) -> None:
    day = timezone.localtime() - dt.timedelta(days=told["days_ago"])
    at = day.replace(hour=told["hour"], minute=rng.randrange(60), second=0, microsecond=0)
    author = people[told["author"]]
    post = Post.objects.create(
        postid=_id(rng), author=author, title=told["title"], cont=told["cont"], created_at=at, ip=IP
    )
    for position, style in enumerate(told.get("photos", [])):
        PostPhoto.objects.create(post=post, photo=photos.upload(style, uploader=author, at=at), position=position)
    Comment.objects.bulk_create(
        Comment(
            commid=_id(rng),
            post=post,
            author=people[answer["author"]],
            title=answer["title"],
            cont=answer["cont"],
            created_at=at + dt.timedelta(hours=answer["hours_later"]),
            ip=IP,
        )
        for answer in told.get("comment", [])
    )


def _id(rng: random.Random) -> str:
    return "".join(rng.choices("abcdefghijkmnpqrstuvwxyz23456789", k=16))
