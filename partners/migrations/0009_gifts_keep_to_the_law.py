"""Limits of gifts name their source, and PostgreSQL refuses what is above them, whoever writes and however."""

from django.db import migrations, models
from django.db.models import F, Q

CMS = "CMS, CPI-U updates to 42 CFR 411.357(k): cms.gov/medicare/regulations-guidance/physician-self-referral/cpi-u-updates"

LAW = """
-- The facts decide who is licensed: the sort of practice, the contact's role anywhere, or, where nobody is named, whoever works there.
CREATE FUNCTION partners_is_licensed(to_partner bigint, to_contact bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM partners_partner p
        WHERE p.kind IN ('dpc_physician', 'functional_medicine')
            AND (p.id = to_partner OR p.id IN (SELECT partner_id FROM partners_role WHERE contact_id = to_contact))
    ) OR EXISTS (
        SELECT FROM partners_role r
        WHERE r.is_healthcare_provider
            AND (r.contact_id = to_contact OR (to_contact IS NULL AND r.partner_id = to_partner))
    )
$$;

-- The practices that a gift to this partner or contact counts for.
CREATE FUNCTION partners_gift_practices(to_partner bigint, to_contact bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    SELECT to_partner WHERE to_partner IS NOT NULL
    UNION SELECT partner_id FROM partners_role WHERE contact_id = to_contact
$$;

-- What licensed people of these practices, or this contact, were given in a year, in cents.
CREATE FUNCTION partners_gifts_given(to_partner bigint, to_contact bigint, in_year int) RETURNS bigint LANGUAGE sql STABLE AS $$
    WITH practices AS (SELECT partners_gift_practices(to_partner, to_contact) AS id),
    people AS (
        SELECT to_contact AS id
        UNION SELECT contact_id FROM partners_role WHERE partner_id IN (SELECT id FROM practices)
    )
    SELECT coalesce(sum(g.value_cents), 0)::bigint FROM partners_gift g
    WHERE g.taken_back_at IS NULL AND g.recipient <> 'patient'
        AND g.given_on >= make_date(in_year, 1, 1) AND g.given_on <= make_date(in_year, 12, 31)
        AND (g.partner_id IN (SELECT id FROM practices) OR g.contact_id IN (SELECT id FROM people))
        AND (g.recipient = 'licensed' OR partners_is_licensed(g.partner_id, g.contact_id))
$$;

CREATE FUNCTION partners_gift_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    in_year int := date_part('year', NEW.given_on);
    limits partners_giftlimit;
BEGIN
    IF NEW.taken_back_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    IF NEW.recipient = 'partner' AND partners_is_licensed(NEW.partner_id, NEW.contact_id) THEN
        RAISE EXCEPTION 'this gift goes to a licensed provider'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gift_recipient_is_a_fact';
    END IF;
    SELECT * INTO limits FROM partners_giftlimit WHERE year <= in_year ORDER BY year DESC LIMIT 1;
    IF NEW.recipient = 'patient' AND NEW.value_cents > coalesce(limits.patient_item_cents, 0) THEN
        RAISE EXCEPTION 'too much for a patient'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'gift_patient_item';
    END IF;
    IF NEW.recipient = 'licensed' THEN
        -- Two gifts at once come one after the other, and the second sees the first.
        PERFORM 1 FROM partners_partner
            WHERE id IN (SELECT partners_gift_practices(NEW.partner_id, NEW.contact_id)) ORDER BY id FOR NO KEY UPDATE;
        PERFORM 1 FROM people_contact WHERE id = NEW.contact_id FOR NO KEY UPDATE;
        IF partners_gifts_given(NEW.partner_id, NEW.contact_id, in_year) > coalesce(limits.licensed_stop_cents, 0) THEN
            RAISE EXCEPTION 'above the yearly stop'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'gift_yearly_stop';
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- Not when only the partner or contact changes: a merge moves the past as it was.
CREATE TRIGGER partners_gift_is_lawful
    AFTER INSERT OR UPDATE OF value_cents, given_on, recipient, is_cash_like, taken_back_at ON partners_gift
    FOR EACH ROW EXECUTE FUNCTION partners_gift_is_lawful();
"""
AS_BEFORE = """
DROP TRIGGER partners_gift_is_lawful ON partners_gift;
DROP FUNCTION partners_gift_is_lawful();
DROP FUNCTION partners_gifts_given(bigint, bigint, int);
DROP FUNCTION partners_gift_practices(bigint, bigint);
DROP FUNCTION partners_is_licensed(bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0008_referrals_come_by_page")]

    operations = [
        migrations.AddField(
            "giftlimit",
            "source",
            models.CharField("where these figures are from", max_length=300, default=CMS),
            preserve_default=False,
        ),
        migrations.AddField(
            "gift",
            "once",
            models.UUIDField(editable=False, help_text="A form sent twice is one gift.", null=True, unique=True),
        ),
        migrations.AlterField(
            "gift",
            "purpose",
            models.CharField("what for", help_text="For example: thanks for lending the room.", max_length=200),
        ),
        migrations.AddConstraint(
            "giftlimit",
            models.CheckConstraint(
                condition=Q(
                    licensed_item_cents__lte=F("licensed_year_cents"), licensed_year_cents__lte=F("licensed_stop_cents")
                ),
                name="gift_limit_licensed_in_order",
                violation_error_message="One gift comes before the year, and the warning before the stop: put them in order.",
            ),
        ),
        migrations.AddConstraint(
            "giftlimit",
            models.CheckConstraint(
                condition=Q(patient_item_cents__lte=F("patient_year_cents")),
                name="gift_limit_patient_in_order",
                violation_error_message="One gift to a patient cannot be more than a year’s.",
            ),
        ),
        migrations.AddConstraint(
            "giftlimit",
            models.CheckConstraint(
                condition=~Q(source=""),
                name="gift_limit_has_a_source",
                violation_error_message="Say where these figures are from.",
            ),
        ),
        migrations.AddConstraint(
            "gift",
            models.CheckConstraint(
                condition=Q(value_cents__gt=0), name="gift_has_a_value", violation_error_message="Say what it is worth."
            ),
        ),
        migrations.RunSQL(LAW, AS_BEFORE),
    ]
