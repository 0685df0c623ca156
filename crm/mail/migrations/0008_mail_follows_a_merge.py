"""Mail that came in from a contact who was merged into another is that other's."""

from django.db import migrations

FOLLOW = """
CREATE TRIGGER inboundmail_follows_merge BEFORE INSERT OR UPDATE OF contact_id ON mail_inboundmail
    FOR EACH ROW EXECUTE FUNCTION people_follow_merge();
"""


class Migration(migrations.Migration):
    dependencies = [("mail", "0007_statement_checks"), ("people", "0006_contacts_merge")]

    operations = [migrations.RunSQL(FOLLOW, "DROP TRIGGER inboundmail_follows_merge ON mail_inboundmail;")]
