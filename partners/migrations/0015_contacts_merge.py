import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# What is written to a contact that was merged into another is written to that other, whoever writes and however.
ROWS = """
CREATE TRIGGER {table}_follows_contact BEFORE INSERT OR UPDATE OF contact_id ON partners_{table}
    FOR EACH ROW EXECUTE FUNCTION people_follow_merge();
"""
REFERRER = """
CREATE FUNCTION partners_referrer_follows_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept bigint;
BEGIN
    IF NEW.referred_by_id IS NOT NULL THEN
        SELECT merged_into_id INTO kept FROM people_contact WHERE id = NEW.referred_by_id FOR KEY SHARE;
        NEW.referred_by_id := coalesce(kept, NEW.referred_by_id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER referrer_follows_contact BEFORE INSERT OR UPDATE OF referred_by_id ON partners_referral
    FOR EACH ROW EXECUTE FUNCTION partners_referrer_follows_merge();
"""
NO_REFERRER = """
DROP TRIGGER referrer_follows_contact ON partners_referral;
DROP FUNCTION partners_referrer_follows_merge();
"""
TABLES = ("role", "touch_contacts", "followup", "gift", "sentreferral")


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0014_outings_promise'),
        ('people', '0006_contacts_merge'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moved', models.JSONField(default=dict, help_text='The keys of the rows that moved, by model.')),
                ('before', models.JSONField(default=dict, help_text='What stood on both before.')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('gone', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.contact')),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='people.contact')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('kept', models.F('gone')), _negated=True), name='contact_merge_of_two'), models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('gone',), name='contact_merge_once')],
            },
        ),
        migrations.CreateModel(
            name='NotOnePerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.contact')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.contact')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='not_one_person_once'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='not_one_person_in_order')],
            },
        ),
        *(
            migrations.RunSQL(ROWS.format(table=table), f"DROP TRIGGER {table}_follows_contact ON partners_{table};")
            for table in TABLES
        ),
        migrations.RunSQL(REFERRER, NO_REFERRER),
    ]
