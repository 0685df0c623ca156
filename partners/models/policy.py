from __future__ import annotations

from auditlog.registry import auditlog
from django.db import models
from django.db.models import F, Q
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from partners.models.partner import Rots, Stage


def _days(label: str, default: int) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, default=default)


@register_setting(icon="calendar-alt")
class CadencePolicy(BaseGenericSetting):
    """How often to be in touch, how much one person can keep up, and how much to give before asking.

    Ideal and latest days: monthly for those who send regularly and 90 days for a partner to count as active are what
    Cloze and WebPT use; two weeks while courting is what users of personal CRMs ask for. The rest are our defaults.
    """

    courting_ideal, courting_latest = _days("while courting: ideal", 14), _days("while courting: latest", 21)
    a_ideal, a_latest = _days("tier A: ideal", 30), _days("tier A: latest", 45)
    b_ideal, b_latest = _days("tier B: ideal", 60), _days("tier B: latest", 75)
    c_ideal, c_latest = _days("tier C: ideal", 90), _days("tier C: latest", 120)
    dormant_ideal, dormant_latest = _days("dormant: ideal", 180), _days("dormant: latest", 240)
    weekly_touches = models.PositiveSmallIntegerField(
        "touches a week", default=8, help_text="As many as you can really do."
    )
    most_partners = models.PositiveSmallIntegerField("partners in the book", default=50)
    most_courting = models.PositiveSmallIntegerField("courting at once", default=10)
    gives_before_ask = models.PositiveSmallIntegerField("gives before asking: fitness", default=2)
    days_before_ask = models.PositiveSmallIntegerField("days before asking: fitness", default=21)
    provider_gives_before_ask = models.PositiveSmallIntegerField("gives before asking: physicians", default=1)
    provider_days_before_ask = models.PositiveSmallIntegerField("days before asking: physicians", default=14)
    visits_to_talk = models.PositiveSmallIntegerField("visits before the conversation", default=3)
    days_to_talk = models.PositiveSmallIntegerField("days over which to visit", default=14)
    smallest_count = models.PositiveSmallIntegerField(
        "smallest number of people to tell a partner",
        default=5,
        choices=[(5, "5"), (11, "11, as Medicare's own reports do")],
        help_text="Fewer, and somebody could be recognised: a gym that sent one person knows whom “1” means.",
    )
    identified_rots = _days("identified goes stale after", 30)
    showing_up_rots = _days("showing up goes stale after", 30)
    conversation_rots = _days("conversation goes stale after", 21)
    giving_value_rots = _days("giving value goes stale after", 30)

    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel(f"{name}_ideal"), FieldPanel(f"{name}_latest")])
                for name in ("courting", "a", "b", "c", "dormant")
            ],
            heading="Days between touches",
            help_text="After the ideal day a partner turns yellow, after the latest red.",
        ),
        MultiFieldPanel(
            [FieldPanel("weekly_touches"), FieldRowPanel([FieldPanel("most_partners"), FieldPanel("most_courting")])],
            heading="What you can keep up",
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("gives_before_ask"), FieldPanel("days_before_ask")]),
                FieldRowPanel([FieldPanel("provider_gives_before_ask"), FieldPanel("provider_days_before_ask")]),
                FieldRowPanel([FieldPanel("visits_to_talk"), FieldPanel("days_to_talk")]),
            ],
            heading="Give before you ask",
        ),
        FieldPanel("smallest_count"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("identified_rots"), FieldPanel("showing_up_rots")]),
                FieldRowPanel([FieldPanel("conversation_rots"), FieldPanel("giving_value_rots")]),
            ],
            heading="Days in a stage before a card turns stale",
        ),
    ]

    class Meta:
        verbose_name = "cadence and limits"
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{name}_ideal__gt": 0, f"{name}_latest__gte": F(f"{name}_ideal")}),
                name=f"cadence_{name}_in_order",
                violation_error_message="The latest day cannot come before the ideal one, and neither is zero.",
            )
            for name in ("courting", "a", "b", "c", "dormant")
        ]

    def __str__(self) -> str:
        return "Cadence and limits"

    @property
    def rots(self) -> Rots:
        """After how many days in which stage a card is stale; in the others the cadence takes over."""
        return (
            (Stage.IDENTIFIED, self.identified_rots),
            (Stage.SHOWING_UP, self.showing_up_rots),
            (Stage.CONVERSATION, self.conversation_rots),
            (Stage.GIVING_VALUE, self.giving_value_rots),
        )


auditlog.register(CadencePolicy)
