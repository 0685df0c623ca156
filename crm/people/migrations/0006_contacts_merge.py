"""Two contacts who are one person can be made one, and two again if that was a mistake.

The consent ledger stays append-only: a line may change hands between a contact and the one it was merged into, and
nothing else about it may change. What is written to a contact that was merged into another is written to that other.
"""

import django.db.models.deletion
from django.db import migrations, models

MOVES_WITH_A_MERGE = """
CREATE OR REPLACE FUNCTION people_consent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'contact_id' = to_jsonb(OLD) - 'contact_id' AND EXISTS (
        SELECT FROM people_contact c
        WHERE (c.id = OLD.contact_id AND c.merged_into_id = NEW.contact_id)
           OR (c.id = NEW.contact_id AND c.merged_into_id = OLD.contact_id)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The consent ledger is append-only: add an event instead.';
END $$;
"""
NEVER_MOVES = """
CREATE OR REPLACE FUNCTION people_consent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The consent ledger is append-only: add an event instead.';
END $$;
"""
# The lock is the one that the foreign key takes anyway. It waits for a merge that is on its way, and then sees it.
FOLLOW = """
CREATE FUNCTION people_follow_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept bigint;
BEGIN
    IF NEW.contact_id IS NOT NULL THEN
        SELECT merged_into_id INTO kept FROM people_contact WHERE id = NEW.contact_id FOR KEY SHARE;
        NEW.contact_id := coalesce(kept, NEW.contact_id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_follows_merge BEFORE INSERT ON people_consentevent
    FOR EACH ROW EXECUTE FUNCTION people_follow_merge();
"""
STAY = """
DROP TRIGGER consent_follows_merge ON people_consentevent;
DROP FUNCTION people_follow_merge();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_post_room")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged_from",
                to="people.contact",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(("archived_at__isnull", False), models.Q(("merged_into", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="contact_merged_is_archived",
            ),
        ),
        migrations.RunSQL(MOVES_WITH_A_MERGE, NEVER_MOVES),
        migrations.RunSQL(FOLLOW, STAY),
    ]
