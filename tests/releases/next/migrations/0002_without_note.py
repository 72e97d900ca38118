from django.db import migrations


class Migration(migrations.Migration):
    """Contract too early: a column that old code still writes."""

    dependencies = [("next_release", "0001_later")]
    operations = [migrations.RunSQL("ALTER TABLE reservations_reservation DROP COLUMN note")]
