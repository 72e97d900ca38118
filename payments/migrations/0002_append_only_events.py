"""What happened to a payment stays written: no event is ever changed (nor, on PostgreSQL, deleted)."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION payments_paymentevent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'payments_paymentevent is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER payments_paymentevent_append_only BEFORE UPDATE OR DELETE ON payments_paymentevent
    FOR EACH ROW EXECUTE FUNCTION payments_paymentevent_is_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER payments_paymentevent_append_only ON payments_paymentevent;
DROP FUNCTION payments_paymentevent_is_append_only();
"""
SQLITE = """
CREATE TRIGGER payments_paymentevent_append_only BEFORE UPDATE ON payments_paymentevent
BEGIN SELECT RAISE(ABORT, 'payments_paymentevent is append-only'); END
"""
SQLITE_BACK = "DROP TRIGGER payments_paymentevent_append_only"


def forwards(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def backwards(apps, schema_editor):
    schema_editor.execute(POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
