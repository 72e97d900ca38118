"""How the desk says what happened to a reservation."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Door
from reservations.models import Act, Move, Status

DOORS: dict[str, object] = {
    Door.API: gettext_lazy("앱"),
    Door.PAGES: gettext_lazy("홈페이지"),
    Door.ADMIN: gettext_lazy("관리자 화면"),
    Door.SYSTEM: gettext_lazy("자동"),
}


def what(move: Move) -> str:
    """The act in a few words: `예약완료 → 상담준비`, `14:00 → 15:30`."""
    if move.act == Act.NO_SHOW:
        return _("노쇼") if move.after.get("no_show") else _("노쇼 아님")
    if move.act == Act.CHANGED:
        return ", ".join(_differences(move)) or _("메모 변경")
    act = str(Act(move.act).label)
    return f"{act}: {reason}" if (reason := move.after.get("reason")) else act


def _differences(move: Move) -> list[str]:
    told = []
    before, after = move.before, move.after
    if before.get("status") != after.get("status"):
        told.append(f"{Status(before['status']).label} → {Status(after['status']).label}")
    if before.get("date") != after.get("date"):
        told.append(f"{before['date']} → {after['date']}")
    if before.get("time") != after.get("time"):
        told.append(f"{before['time']} → {after['time']}")
    if before.get("designer") != after.get("designer"):
        told.append(_("디자이너 변경"))
    if before.get("customer") != after.get("customer"):
        told.append(_("고객 변경"))
    return told


def undone(move: Move) -> str:
    """What taking it back has done: `상담완료 → 상담중`."""
    if move.act == Act.CHANGED:
        return what(Move(act=move.act, before=move.after, after=move.before))
    return _("%s 되돌림") % what(move)


def line(move: Move) -> str:
    """The act with when, who and through which door."""
    who = move.by.get_full_name() or move.by.userid if move.by else move.client
    by = f" {who}" if who else ""
    return f"{timezone.localtime(move.at):%Y-%m-%d %H:%M}{by} · {what(move)} ({DOORS.get(move.door, move.door)})"
