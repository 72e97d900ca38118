from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    default = True
    name = "accounts"
    verbose_name = _("회원과 영업시간")


class FailedSignIns(AxesConfig):
    """django-axes under a name that staff understand."""

    default = False
    verbose_name = _("로그인 실패")
