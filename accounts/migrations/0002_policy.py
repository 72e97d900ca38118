"""The salon's policy is one row, there from the start for staff to edit."""

from django.db import migrations


def add_policy(apps, schema_editor):
    apps.get_model("accounts", "Policy").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(add_policy, migrations.RunPython.noop)]
