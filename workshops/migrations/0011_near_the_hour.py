"""A deed that begins just before the last four hours and ends in them is not held to what went before.

The server's clock and the database's may differ a little, too.
"""

from django.db import migrations

CHECK = """
CREATE OR REPLACE FUNCTION workshops_check_seats(the_workshop bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    workshop workshops_workshop;
    seated bigint;
    hosts bigint;
    waiting bigint;
    waiting_hosts bigint;
BEGIN
    SELECT * INTO workshop FROM workshops_workshop WHERE id = the_workshop FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT count(*) FILTER (WHERE state IN ('confirmed', 'offered')),
           count(*) FILTER (WHERE state IN ('confirmed', 'offered') AND is_hosts),
           count(*) FILTER (WHERE state = 'waiting' AND offer_lapsed_at IS NULL),
           count(*) FILTER (WHERE state = 'waiting' AND offer_lapsed_at IS NULL AND is_hosts)
        INTO seated, hosts, waiting, waiting_hosts
        FROM workshops_registration WHERE workshop_id = the_workshop;
    IF seated <> workshop.seats_taken OR hosts <> workshop.host_seats_taken THEN
        RAISE EXCEPTION 'Workshop % counts % seats taken, % by the host, but has % and %: use workshops.actions.',
            the_workshop, workshop.seats_taken, workshop.host_seats_taken, seated, hosts
            USING ERRCODE = 'check_violation';
    END IF;
    IF workshop.state <> 'open' OR now() >= workshop.starts_at - interval '4 hours' THEN RETURN; END IF;
    IF (waiting > 0 AND seated + greatest(0, workshop.host_seats - hosts) < workshop.capacity)
        OR (waiting_hosts > 0 AND seated < workshop.capacity) THEN
        RAISE EXCEPTION 'Workshop % has a free seat and % waiting: use workshops.actions.',
            the_workshop, waiting USING ERRCODE = 'check_violation';
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("workshops", "0010_the_door")]

    operations = [migrations.RunSQL(CHECK.replace("'4 hours'", "'4 hours 5 minutes'"), CHECK)]
