"""What was done to a reservation stays written: no row of the history is ever changed (nor, on PostgreSQL, deleted)."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION reservations_move_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'reservations_move is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER reservations_move_append_only BEFORE UPDATE OR DELETE ON reservations_move
    FOR EACH ROW EXECUTE FUNCTION reservations_move_is_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER reservations_move_append_only ON reservations_move;
DROP FUNCTION reservations_move_is_append_only();
"""
SQLITE = """
CREATE TRIGGER reservations_move_append_only BEFORE UPDATE ON reservations_move
BEGIN SELECT RAISE(ABORT, 'reservations_move is append-only'); END
"""
SQLITE_BACK = "DROP TRIGGER reservations_move_append_only"


def forwards(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def backwards(apps, schema_editor):
    schema_editor.execute(POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("reservations", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
