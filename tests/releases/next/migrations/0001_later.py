from django.db import migrations


class Migration(migrations.Migration):
    """Expand: a column that old code does not know."""

    dependencies = [("reservations", "__first__")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE reservations_reservation ADD COLUMN later integer",
            "ALTER TABLE reservations_reservation DROP COLUMN later",
        )
    ]
