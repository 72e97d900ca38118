"""Titles are found by a fragment as names are: accounts' migration 0006 says how."""

from django.db import migrations


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX post_title_pairs ON board_post USING gin (letter_pairs(title))")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX post_title_pairs")


class Migration(migrations.Migration):
    dependencies = [("board", "0001_initial"), ("accounts", "0006_fragments_of_names")]

    operations = [migrations.RunPython(forwards, backwards)]
