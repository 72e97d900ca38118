"""Who read what stays written: no row of the access log is ever changed (nor, on PostgreSQL, deleted)."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION cody_site_accesslog_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'cody_site_accesslog is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER cody_site_accesslog_append_only BEFORE UPDATE OR DELETE ON cody_site_accesslog
    FOR EACH ROW EXECUTE FUNCTION cody_site_accesslog_is_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER cody_site_accesslog_append_only ON cody_site_accesslog;
DROP FUNCTION cody_site_accesslog_is_append_only();
"""
SQLITE = """
CREATE TRIGGER cody_site_accesslog_append_only BEFORE UPDATE ON cody_site_accesslog
BEGIN SELECT RAISE(ABORT, 'cody_site_accesslog is append-only'); END
"""
SQLITE_BACK = "DROP TRIGGER cody_site_accesslog_append_only"


def forwards(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def backwards(apps, schema_editor):
    schema_editor.execute(POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK)


class Migration(migrations.Migration):
    dependencies = [("cody_site", "0001_access_log")]

    operations = [migrations.RunPython(forwards, backwards)]
