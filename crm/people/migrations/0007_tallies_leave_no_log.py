"""A counter that a crash may forget need not wait for the disk: each answer to a public form counts twice."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0006_contacts_merge")]

    operations = [
        migrations.RunSQL("ALTER TABLE people_tally SET UNLOGGED", "ALTER TABLE people_tally SET LOGGED"),
    ]
