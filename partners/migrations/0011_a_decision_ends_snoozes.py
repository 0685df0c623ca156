"""Two snoozes in a row ask for a decision; a new tier or a new stage is one, however it is written."""

from django.db import migrations

BODY = """
CREATE OR REPLACE FUNCTION partners_partner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_keep_rhythm(ARRAY[NEW.id]);
    {decided}
    RETURN NULL;
END $$;
"""

DECIDED = """
    IF (OLD.stage, OLD.tier) IS DISTINCT FROM (NEW.stage, NEW.tier) THEN
        UPDATE partners_rhythm SET snoozes = 0 WHERE partner_id = NEW.id AND snoozes > 0;
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0010_sweep")]

    operations = [migrations.RunSQL(BODY.format(decided=DECIDED), BODY.format(decided=""))]
