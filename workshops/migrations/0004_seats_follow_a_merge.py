"""A seat that a contact takes while it is merged into another is that other's."""

from django.db import migrations

FOLLOW = """
CREATE TRIGGER registration_follows_merge BEFORE INSERT OR UPDATE OF contact_id ON workshops_registration
    FOR EACH ROW EXECUTE FUNCTION people_follow_merge();
"""


class Migration(migrations.Migration):
    dependencies = [("workshops", "0003_whole_life"), ("people", "0006_contacts_merge")]

    operations = [migrations.RunSQL(FOLLOW, "DROP TRIGGER registration_follows_merge ON workshops_registration;")]
