from django.db import migrations, models

from cody_site.operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bad_release", "0001_initial")]
    operations = [AddIndexConcurrently("thing", models.Index(fields=["name"], name="thing_name"))]
