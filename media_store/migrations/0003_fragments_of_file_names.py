"""File names are found by a fragment as people's names are: accounts' migration 0006 says how."""

from django.db import migrations


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX photo_filename_pairs ON media_store_photo USING gin (letter_pairs(filename))")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX photo_filename_pairs")


class Migration(migrations.Migration):
    dependencies = [("media_store", "0002_lists_of_the_back_office"), ("accounts", "0006_fragments_of_names")]

    operations = [migrations.RunPython(forwards, backwards)]
