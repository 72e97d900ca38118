"""What each account type may do in the admin (section 7), as Django permissions."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import AccountType

HOURS = {f"accounts.{act}_{model}" for model in ("workinghours", "timeoff") for act in ("add", "change", "delete")}
NOTES = {"reservations.view_clientnote", "reservations.add_clientnote"}
MANAGED = {"user", "designer", "workinghours", "timeoff", "policy", "client"}

ALLOWED: dict[AccountType, set[str]] = {
    # An administrator is Django's superuser and needs no list.
    AccountType.SYSTEM_MANAGER: {f"accounts.{act}_{model}" for model in MANAGED for act in ("add", "change")}
    | HOURS
    | NOTES
    | {"reservations.restore_reservation"},
    AccountType.FINANCE_MANAGER: {
        "payments.add_product",
        "payments.change_product",
        "payments.change_consultationterms",
    }
    | NOTES,
    AccountType.DESIGNER: {
        "reservations.view_reservation",
        "reservations.add_reservation",
        "reservations.change_reservation",
        "reservations.view_move",
        "accounts.view_designer",
        "accounts.view_timeoff",
        "accounts.view_workinghours",
    }
    # Which rows of these are a designer's own, the admin and the pages say.
    | HOURS
    | NOTES,
}
SEES_EVERYTHING = {AccountType.FINANCE_MANAGER, AccountType.SYSTEM_MANAGER}


class RoleBackend(ModelBackend):
    """Passwords as Django checks them; permissions by account type, and those given to a person by name."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return user_obj.is_active and (_by_role(user_obj, perm) or super().has_perm(user_obj, perm, obj))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        if not user_obj.is_active:
            return False
        return (
            user_obj.type in SEES_EVERYTHING
            or any(perm.startswith(f"{app_label}.") for perm in ALLOWED.get(user_obj.type, ()))
            or super().has_module_perms(user_obj, app_label)
        )


def _by_role(user: Any, perm: str) -> bool:
    if user.type in SEES_EVERYTHING and perm.partition(".")[2].startswith("view_"):
        return True
    return perm in ALLOWED.get(user.type, ())
