"""What is written to a partner that was merged into another is written to that other, whoever writes and however.

The lock is the one that the foreign key takes anyway. It waits for a merge that is on its way, and then sees it.
"""

from django.db import migrations

FOLLOW = """
CREATE FUNCTION partners_follow_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept bigint;
BEGIN
    IF NEW.partner_id IS NOT NULL THEN
        SELECT merged_into_id INTO kept FROM partners_partner WHERE id = NEW.partner_id FOR KEY SHARE;
        NEW.partner_id := coalesce(kept, NEW.partner_id);
    END IF;
    RETURN NEW;
END $$;
"""

ROWS = """
CREATE TRIGGER {table}_follows_merge BEFORE INSERT OR UPDATE OF partner_id ON partners_{table}
    FOR EACH ROW EXECUTE FUNCTION partners_follow_merge();
"""

TABLES = ("touch", "followup", "referral", "sentreferral", "gift", "outing", "tomeet")


class Migration(migrations.Migration):
    dependencies = [("partners", "0012_log_address")]

    operations = [
        migrations.RunSQL(FOLLOW, "DROP FUNCTION partners_follow_merge();"),
        *(
            migrations.RunSQL(ROWS.format(table=table), f"DROP TRIGGER {table}_follows_merge ON partners_{table};")
            for table in TABLES
        ),
    ]
