from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0008_type_altered")]
    operations = [migrations.AddIndex("thing", models.Index(fields=["size"], name="thing_size"))]
