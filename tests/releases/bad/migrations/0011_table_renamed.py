from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bad_release", "0010_unique_in_the_way")]
    operations = [migrations.RenameModel("Thing", "Object")]
