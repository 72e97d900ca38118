from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0011_table_renamed")]
    operations = [migrations.DeleteModel("Object")]
