"""`/styleguide/`, in development only: every component of the customers' pages in each of its states."""

import datetime as dt

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Sample(forms.Form):
    name = forms.CharField(label="이름", help_text="예약할 때 쓰는 이름입니다.")
    pn = forms.CharField(label="전화번호", widget=forms.TextInput(attrs={"inputmode": "tel"}))
    note = forms.CharField(label="메모", required=False, widget=forms.Textarea)
    hair = forms.ChoiceField(
        label="머리 길이", choices=[("s", "짧아요"), ("m", "어깨까지"), ("l", "길어요")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="이용약관에 동의합니다 (필수)")


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    for add, text in (
        (messages.success, "예약했습니다."),
        (messages.warning, "아직 메일 주소를 확인하지 않으셨어요."),
        (messages.error, "방금 다른 분이 그 시간을 예약하셨어요."),
    ):
        add(request, text)
    wrong = Sample({"pn": "010", "hair": "x"}, auto_id="wrong_%s")
    wrong.add_error("pn", "전화번호를 다시 확인해 주세요. 예: 010-1234-5678")
    first = dt.date(2026, 11, 25)
    return render(
        request,
        "styleguide.html",
        {
            "form": Sample(initial={"hair": "m"}),
            "wrong": wrong,
            "days": [(first + dt.timedelta(days=number), (number * 7) % 12) for number in range(14)],
            "times": [(dt.time(hour, minutes), hour % 3) for hour in range(14, 18) for minutes in (0, 30)],
        },
    )
