"""A page to refer by, steps that are dated, and word that goes back only as the law allows, whoever writes."""

from django.conf import settings
from django.db import migrations, models

# What partners.loop allows, held for every way of writing. Each such word has its line in the accounting first.
WORD_IS_ALLOWED = """
CREATE FUNCTION partners_word_is_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE coalesce((SELECT time_zone FROM people_practiceprofile LIMIT 1), 'UTC'))::date;
BEGIN
    IF NEW.told = 'notice' AND NOT EXISTS (
        SELECT 1 FROM partners_role r
        WHERE r.partner_id = NEW.partner_id AND r.contact_id = NEW.referred_by_id AND r.is_healthcare_provider
    ) THEN
        RAISE EXCEPTION 'Only a health-care provider may be told without a signature.' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.told = 'permitted' AND NOT EXISTS (
        SELECT 1 FROM partners_wordpermission w
        WHERE w.referral_id = NEW.id AND w.revoked_at IS NULL AND w.signed_on <= today
            AND (w.expires_on IS NULL OR w.expires_on >= today)
    ) THEN
        RAISE EXCEPTION 'No signed permission is in force.' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM partners_disclosure d WHERE d.referral_id = NEW.id) THEN
        RAISE EXCEPTION 'Enter it in the accounting of disclosures first.' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referral_told_at_once BEFORE INSERT ON partners_referral FOR EACH ROW
    WHEN (NEW.told IN ('notice', 'permitted')) EXECUTE FUNCTION partners_word_is_allowed();
CREATE TRIGGER referral_told_later BEFORE UPDATE ON partners_referral FOR EACH ROW
    WHEN (NEW.told IN ('notice', 'permitted') AND NEW.told IS DISTINCT FROM OLD.told)
    EXECUTE FUNCTION partners_word_is_allowed();
"""

ANY_WORD = """
DROP TRIGGER referral_told_at_once ON partners_referral;
DROP TRIGGER referral_told_later ON partners_referral;
DROP FUNCTION partners_word_is_allowed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0007_plans_and_mornings'),
        ('people', '0005_post_room'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReferPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what_we_do', models.TextField(default='We help people move without pain and get back to what they love. One therapist, one person, a full hour: we find out what is going on, treat it, and teach them how to keep it away.', verbose_name='what you do')),
                ('who_fits', models.TextField(blank=True, default='Somebody whose back, knee or shoulder keeps them from training.\nSomebody who has been told to rest and wants to do more than that.\nSomebody who comes back from an injury or an operation.', help_text='One line for each.', verbose_name='who is right here')),
            ],
            options={
                'verbose_name': 'referral page',
            },
        ),
        migrations.AddField(
            model_name='cadencepolicy',
            name='smallest_count',
            field=models.PositiveSmallIntegerField(choices=[(5, '5'), (11, "11, as Medicare's own reports do")], default=5, help_text='Fewer, and somebody could be recognised: a gym that sent one person knows whom “1” means.', verbose_name='smallest number of people to tell a partner'),
        ),
        migrations.AddField(
            model_name='referral',
            name='sender',
            field=models.CharField(blank=True, editable=False, help_text="The first name somebody of theirs wrote on the page; never the patient's.", max_length=60, verbose_name='who says they sent them'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['evaluated', 'in_care', 'completed']), _negated=True), ('evaluated_at__isnull', False), _connector='OR'), name='referral_seen_is_dated'),
        ),
        migrations.AddConstraint(
            model_name='wordpermission',
            constraint=models.CheckConstraint(condition=models.Q(('expires_on', None), ('expires_on__gte', models.F('signed_on')), _connector='OR'), name='permission_ends_after_it_begins', violation_error_message='It cannot end before it was signed.'),
        ),
        migrations.RunSQL(WORD_IS_ALLOWED, ANY_WORD),
    ]
