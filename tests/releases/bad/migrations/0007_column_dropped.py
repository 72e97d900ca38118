from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0006_column_renamed")]
    operations = [migrations.RemoveField("thing", "colour")]
