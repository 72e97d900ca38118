from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0009_index_in_the_way")]
    operations = [migrations.AddConstraint("thing", models.UniqueConstraint(fields=["title"], name="thing_title"))]
