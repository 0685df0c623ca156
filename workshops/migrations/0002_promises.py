from django.db import migrations


class Migration(migrations.Migration):
    """The database itself keeps what we promise about seats and invites, whoever writes to it."""

    dependencies = [("workshops", "0001_initial")]

    operations = [
        # Checked at commit: the counter is the number of confirmed seats, and nobody waits beside a free one.
        # The workshop's row is locked first, so that two commits at once are compared one after the other.
        migrations.RunSQL(
            """
            CREATE OR REPLACE FUNCTION workshops_check_seats(the_workshop bigint) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                workshop workshops_workshop;
                confirmed bigint;
                waiting bigint;
            BEGIN
                SELECT * INTO workshop FROM workshops_workshop WHERE id = the_workshop FOR NO KEY UPDATE;
                IF NOT FOUND THEN RETURN; END IF;
                SELECT count(*) FILTER (WHERE state = 'confirmed'), count(*) FILTER (WHERE state = 'waiting')
                    INTO confirmed, waiting FROM workshops_registration WHERE workshop_id = the_workshop;
                IF confirmed <> workshop.seats_taken THEN
                    RAISE EXCEPTION 'Workshop % counts % seats taken but has % confirmed: use workshops.actions.',
                        the_workshop, workshop.seats_taken, confirmed USING ERRCODE = 'check_violation';
                END IF;
                IF workshop.state = 'open' AND waiting > 0 AND confirmed < workshop.capacity THEN
                    RAISE EXCEPTION 'Workshop % has a free seat and % waiting: use workshops.actions.',
                        the_workshop, waiting USING ERRCODE = 'check_violation';
                END IF;
            END $$;

            CREATE OR REPLACE FUNCTION workshops_seats_after_registration() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP <> 'INSERT' THEN PERFORM workshops_check_seats(OLD.workshop_id); END IF;
                IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.workshop_id <> OLD.workshop_id) THEN
                    PERFORM workshops_check_seats(NEW.workshop_id);
                END IF;
                RETURN NULL;
            END $$;

            CREATE OR REPLACE FUNCTION workshops_seats_after_workshop() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM workshops_check_seats(NEW.id);
                RETURN NULL;
            END $$;

            DROP TRIGGER IF EXISTS registration_seats_add_up ON workshops_registration;
            DROP TRIGGER IF EXISTS workshop_seats_add_up ON workshops_workshop;
            CREATE CONSTRAINT TRIGGER registration_seats_add_up
                AFTER INSERT OR DELETE OR UPDATE OF state, workshop_id ON workshops_registration
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION workshops_seats_after_registration();
            CREATE CONSTRAINT TRIGGER workshop_seats_add_up
                AFTER INSERT OR UPDATE OF seats_taken, capacity, state ON workshops_workshop
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION workshops_seats_after_workshop();
            """,
            """
            DROP TRIGGER workshop_seats_add_up ON workshops_workshop;
            DROP TRIGGER registration_seats_add_up ON workshops_registration;
            DROP FUNCTION workshops_seats_after_workshop();
            DROP FUNCTION workshops_seats_after_registration();
            DROP FUNCTION workshops_check_seats(bigint);
            """,
        ),
        migrations.RunSQL(
            """
            CREATE OR REPLACE FUNCTION workshops_invite_only_rises() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.uid <> OLD.uid OR NEW.registration_id <> OLD.registration_id THEN
                    RAISE EXCEPTION 'An invite keeps its UID for life.' USING ERRCODE = 'check_violation';
                END IF;
                IF NEW.sequence < OLD.sequence OR (OLD.is_cancelled AND NOT NEW.is_cancelled)
                    OR (NEW.is_cancelled AND NOT OLD.is_cancelled AND NEW.sequence = OLD.sequence) THEN
                    RAISE EXCEPTION 'The SEQUENCE of an invite only rises, and a cancelled one stays cancelled.'
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END $$;
            CREATE OR REPLACE TRIGGER invite_only_rises BEFORE UPDATE ON workshops_invite
                FOR EACH ROW EXECUTE FUNCTION workshops_invite_only_rises();
            """,
            """
            DROP TRIGGER invite_only_rises ON workshops_invite;
            DROP FUNCTION workshops_invite_only_rises();
            """,
        ),
    ]
