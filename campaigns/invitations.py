"""Whom letters invited to a workshop: a letter with the workshop's link in it does, and no other."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from workshops.outcome.counting import Asked

# A letter after the day invites nobody, and one long before it was about something else.
INVITED = """
SELECT asked.workshop, count(DISTINCT recipient.contact_id)
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS asked (workshop, slug, starts_at)
JOIN campaigns_broadcast broadcast
    ON broadcast.launched_at < asked.starts_at AND broadcast.launched_at > asked.starts_at - interval '183 days'
JOIN mail_content content
    ON content.id = broadcast.content_id
    AND (strpos(content.text, '/workshops/' || asked.slug || '/') > 0 OR strpos(content.text, '/w/' || asked.slug || '/') > 0)
JOIN campaigns_recipient recipient ON recipient.broadcast_id = broadcast.id
JOIN mail_message message ON message.id = recipient.message_id AND message.state = 'handed_over'
GROUP BY asked.workshop
"""


def invited(workshops: Sequence[Asked]) -> dict[int, int]:
    """How many different people letters with each workshop's link reached before it; one query."""
    with connection.cursor() as cursor:
        cursor.execute(INVITED, [list(column) for column in zip(*workshops, strict=True)])
        return dict(cursor.fetchall())
