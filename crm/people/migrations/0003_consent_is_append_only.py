from django.db import migrations


class Migration(migrations.Migration):
    """Consent events are added, never changed or removed: the database itself refuses."""

    dependencies = [("people", "0002_practice_profile")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION people_consent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'The consent ledger is append-only: add an event instead.';
            END $$;
            CREATE TRIGGER consent_is_append_only BEFORE UPDATE OR DELETE ON people_consentevent
                FOR EACH ROW EXECUTE FUNCTION people_consent_is_append_only();
            """,
            """
            DROP TRIGGER consent_is_append_only ON people_consentevent;
            DROP FUNCTION people_consent_is_append_only();
            """,
        )
    ]
