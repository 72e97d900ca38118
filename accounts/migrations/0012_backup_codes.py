"""Backup codes are no longer kept as they are typed, but as accounts/second_factor.py makes them."""

from base64 import urlsafe_b64encode

from django.db import migrations
from django.utils.crypto import salted_hmac


def hide(apps, schema_editor):
    for row in apps.get_model("otp_static", "StaticToken").objects.select_related("device").iterator():
        if row.token.isdecimal():
            said = f"{row.device.user_id}:{row.token}"
            mac = salted_hmac("accounts.second_factor.backup_code", said, algorithm="sha256")
            row.token = urlsafe_b64encode(mac.digest()[:12]).decode()
            row.save(update_fields=["token"])


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0011_sessions"),
        ("otp_static", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(hide, migrations.RunPython.noop, elidable=True)]
