"""A deed done to many partners keeps all their rhythms in one go, not one row after the other."""

from django.db import migrations

MANY = """
CREATE FUNCTION partners_partners_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved bigint[];
    decided bigint[];
BEGIN
    SELECT
        array_agg(fresh.id),
        array_agg(fresh.id) FILTER (WHERE (fresh.stage, fresh.tier) IS DISTINCT FROM (stale.stage, stale.tier))
    INTO moved, decided
    FROM fresh JOIN stale ON stale.id = fresh.id
    WHERE (fresh.stage, fresh.tier, fresh.archived_at) IS DISTINCT FROM (stale.stage, stale.tier, stale.archived_at);
    IF moved IS NOT NULL THEN
        PERFORM partners_keep_rhythm(moved);
        UPDATE partners_rhythm SET snoozes = 0 WHERE partner_id = ANY (decided) AND snoozes > 0;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER partner_changed ON partners_partner;
DROP FUNCTION partners_partner_changed();
CREATE TRIGGER partner_changed AFTER UPDATE ON partners_partner
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION partners_partners_changed();
"""

ONE_BY_ONE = """
CREATE FUNCTION partners_partner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_keep_rhythm(ARRAY[NEW.id]);
    IF (OLD.stage, OLD.tier) IS DISTINCT FROM (NEW.stage, NEW.tier) THEN
        UPDATE partners_rhythm SET snoozes = 0 WHERE partner_id = NEW.id AND snoozes > 0;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER partner_changed ON partners_partner;
DROP FUNCTION partners_partners_changed();
CREATE TRIGGER partner_changed AFTER UPDATE OF stage, tier, archived_at ON partners_partner FOR EACH ROW
    WHEN ((OLD.stage, OLD.tier, OLD.archived_at) IS DISTINCT FROM (NEW.stage, NEW.tier, NEW.archived_at))
    EXECUTE FUNCTION partners_partner_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0015_contacts_merge")]

    operations = [migrations.RunSQL(MANY, ONE_BY_ONE)]
