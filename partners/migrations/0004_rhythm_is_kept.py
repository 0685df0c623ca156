"""The rhythm of every partner is kept by PostgreSQL, whoever writes and however."""

from django.db import migrations

KEEP = """
CREATE FUNCTION partners_keep_rhythm(changed bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    zone text := coalesce((SELECT time_zone FROM people_practiceprofile LIMIT 1), 'UTC');
BEGIN
    -- Two who log for the same partner come one after the other, and the second sees what the first has written.
    PERFORM 1 FROM partners_rhythm WHERE partner_id = ANY (changed) ORDER BY partner_id FOR UPDATE;
    INSERT INTO partners_rhythm AS r (
        partner_id, last_touch_id, last_touch_at, counted_at, ideal_on, latest_on, meeting_on, next_step_id,
        next_step_on, referrals, last_referral_at, thanks_owed_since, snoozes
    )
    SELECT p.id, latest.id, latest.occurred_at, counted.at,
        greatest(base.day + pace.ideal, half.day + (pace.ideal + 1) / 2),
        greatest(base.day + pace.latest, half.day + (pace.latest + 1) / 2),
        booked.day, step.id, step.due_on, sent.total, sent.last_at, sent.owed_since, 0
    FROM partners_partner p
    LEFT JOIN LATERAL (
        SELECT t.id, t.occurred_at FROM partners_touch t
        WHERE t.partner_id = p.id AND t.taken_back_at IS NULL ORDER BY t.occurred_at DESC, t.id DESC LIMIT 1
    ) latest ON true
    -- Full credit: personal, and not left unanswered.
    LEFT JOIN LATERAL (
        SELECT t.occurred_at AS at FROM partners_touch t
        WHERE t.partner_id = p.id AND t.taken_back_at IS NULL AND t.counts_for_cadence
            AND t.kind <> 'voicemail' AND t.outcome <> 'no_reply'
        ORDER BY t.occurred_at DESC LIMIT 1
    ) counted ON true
    CROSS JOIN LATERAL (SELECT (coalesce(counted.at, p.created_at) AT TIME ZONE zone)::date AS day) base
    -- Half credit: the first that went unanswered since; the next ones earn nothing.
    LEFT JOIN LATERAL (
        SELECT (min(t.occurred_at) AT TIME ZONE zone)::date AS day FROM partners_touch t
        WHERE t.partner_id = p.id AND t.taken_back_at IS NULL AND t.counts_for_cadence
            AND (t.kind = 'voicemail' OR t.outcome = 'no_reply')
            AND t.occurred_at > coalesce(counted.at, '-infinity')
    ) half ON true
    LEFT JOIN LATERAL (
        SELECT f.id, f.due_on FROM partners_followup f
        WHERE f.partner_id = p.id AND f.done_at IS NULL AND f.taken_back_at IS NULL ORDER BY f.due_on, f.id LIMIT 1
    ) step ON true
    LEFT JOIN LATERAL (
        SELECT max(f.due_on) AS day FROM partners_followup f
        WHERE f.partner_id = p.id AND f.done_at IS NULL AND f.taken_back_at IS NULL AND f.is_meeting
    ) booked ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS total, max(s.received_at) AS last_at,
            min(s.received_at) FILTER (WHERE s.thanked_at IS NULL) AS owed_since
        FROM partners_referral s
        WHERE s.partner_id = p.id AND s.taken_back_at IS NULL AND NOT s.is_quarantined
    ) sent
    LEFT JOIN (SELECT * FROM partners_cadencepolicy ORDER BY id LIMIT 1) policy ON true
    CROSS JOIN LATERAL (
        SELECT CASE
                WHEN p.archived_at IS NOT NULL OR p.stage IN ('paused', 'not_a_fit') THEN NULL
                WHEN p.stage = 'identified' AND latest.id IS NULL THEN NULL
                WHEN p.stage = 'dormant' THEN policy.dormant_ideal
                WHEN p.stage NOT IN ('first_referral', 'active', 'champion') THEN policy.courting_ideal
                WHEN p.tier = 'a' THEN policy.a_ideal WHEN p.tier = 'c' THEN policy.c_ideal ELSE policy.b_ideal
            END::int AS ideal,
            CASE
                WHEN p.archived_at IS NOT NULL OR p.stage IN ('paused', 'not_a_fit') THEN NULL
                WHEN p.stage = 'identified' AND latest.id IS NULL THEN NULL
                WHEN p.stage = 'dormant' THEN policy.dormant_latest
                WHEN p.stage NOT IN ('first_referral', 'active', 'champion') THEN policy.courting_latest
                WHEN p.tier = 'a' THEN policy.a_latest WHEN p.tier = 'c' THEN policy.c_latest ELSE policy.b_latest
            END::int AS latest
    ) pace
    WHERE p.id = ANY (changed)
    ON CONFLICT (partner_id) DO UPDATE SET
        last_touch_id = EXCLUDED.last_touch_id, last_touch_at = EXCLUDED.last_touch_at,
        counted_at = EXCLUDED.counted_at,
        ideal_on = EXCLUDED.ideal_on, latest_on = EXCLUDED.latest_on, meeting_on = EXCLUDED.meeting_on,
        next_step_id = EXCLUDED.next_step_id, next_step_on = EXCLUDED.next_step_on,
        referrals = EXCLUDED.referrals, last_referral_at = EXCLUDED.last_referral_at,
        thanks_owed_since = EXCLUDED.thanks_owed_since,
        -- A personal touch ends a row of snoozes.
        snoozes = CASE WHEN EXCLUDED.counted_at > coalesce(r.counted_at, '-infinity') THEN 0 ELSE r.snoozes END,
        snoozed_until =
            CASE WHEN EXCLUDED.counted_at > coalesce(r.counted_at, '-infinity') THEN NULL ELSE r.snoozed_until END;
END $$;

CREATE FUNCTION partners_rows_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        changed := ARRAY(SELECT DISTINCT partner_id FROM fresh WHERE partner_id IS NOT NULL);
    ELSIF TG_OP = 'DELETE' THEN
        changed := ARRAY(SELECT DISTINCT partner_id FROM stale WHERE partner_id IS NOT NULL);
    ELSE
        changed := ARRAY(
            SELECT partner_id FROM fresh WHERE partner_id IS NOT NULL
            UNION SELECT partner_id FROM stale WHERE partner_id IS NOT NULL
        );
    END IF;
    IF cardinality(changed) > 0 THEN
        PERFORM partners_keep_rhythm(changed);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION partners_partners_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_keep_rhythm(ARRAY(SELECT id FROM fresh));
    RETURN NULL;
END $$;

CREATE FUNCTION partners_partner_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_keep_rhythm(ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE FUNCTION partners_partner_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM partners_rhythm WHERE partner_id = OLD.id;
    RETURN OLD;
END $$;

CREATE FUNCTION partners_policy_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM partners_keep_rhythm(ARRAY(SELECT id FROM partners_partner));
    RETURN NULL;
END $$;

CREATE TRIGGER partner_added AFTER INSERT ON partners_partner
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION partners_partners_added();
CREATE TRIGGER partner_changed AFTER UPDATE OF stage, tier, archived_at ON partners_partner FOR EACH ROW
    WHEN ((OLD.stage, OLD.tier, OLD.archived_at) IS DISTINCT FROM (NEW.stage, NEW.tier, NEW.archived_at))
    EXECUTE FUNCTION partners_partner_changed();
CREATE TRIGGER partner_leaves BEFORE DELETE ON partners_partner
    FOR EACH ROW EXECUTE FUNCTION partners_partner_leaves();
CREATE TRIGGER policy_changed AFTER INSERT OR UPDATE ON partners_cadencepolicy
    FOR EACH STATEMENT EXECUTE FUNCTION partners_policy_changed();
"""

ROWS = """
CREATE TRIGGER {table}_added AFTER INSERT ON partners_{table}
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION partners_rows_changed();
CREATE TRIGGER {table}_changed AFTER UPDATE ON partners_{table}
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION partners_rows_changed();
CREATE TRIGGER {table}_removed AFTER DELETE ON partners_{table}
    REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION partners_rows_changed();
"""

NOT_ROWS = """
DROP TRIGGER {table}_added ON partners_{table};
DROP TRIGGER {table}_changed ON partners_{table};
DROP TRIGGER {table}_removed ON partners_{table};
"""

LET_GO = """
DROP TRIGGER partner_added ON partners_partner;
DROP TRIGGER partner_changed ON partners_partner;
DROP TRIGGER partner_leaves ON partners_partner;
DROP TRIGGER policy_changed ON partners_cadencepolicy;
DROP FUNCTION partners_rows_changed, partners_partners_added, partners_partner_changed, partners_partner_leaves,
    partners_policy_changed;
DROP FUNCTION partners_keep_rhythm(bigint[]);
"""

TABLES = ("touch", "followup", "referral")

APPEND_ONLY = """
CREATE FUNCTION partners_disclosure_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The accounting of disclosures is append-only: add a line instead.';
END $$;
CREATE TRIGGER disclosure_is_append_only BEFORE UPDATE OR DELETE ON partners_disclosure
    FOR EACH ROW EXECUTE FUNCTION partners_disclosure_is_append_only();
"""

APPENDABLE = """
DROP TRIGGER disclosure_is_append_only ON partners_disclosure;
DROP FUNCTION partners_disclosure_is_append_only();
"""

# The limits of the Stark law on non-monetary gifts, in US dollars, as CMS publishes them each year.
STARK = {2023: 489, 2024: 507, 2026: 535}


def begin(apps, schema_editor) -> None:
    apps.get_model("partners", "CadencePolicy").objects.create()  # and with it, the rhythm of every partner
    limits = apps.get_model("partners", "GiftLimit").objects
    for year, dollars in STARK.items():
        limits.create(year=year, licensed_stop_cents=dollars * 100)


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_the_whole_pipeline"), ("people", "0005_post_room")]

    operations = [
        migrations.RunSQL(KEEP, LET_GO),
        *(migrations.RunSQL(ROWS.format(table=table), NOT_ROWS.format(table=table)) for table in TABLES),
        migrations.RunSQL(APPEND_ONLY, APPENDABLE),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
