from __future__ import annotations

from datetime import datetime, timedelta

from auditlog.registry import auditlog
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from content import blocks, front_desk
from crm.people.erasing import ERASED
from crm.people.models import Contact
from partners.models import FollowUp, Partner
from workshops.models import Registration

KEEP_FOR = timedelta(days=548)  # eighteen months: long enough for a “call me when the season is over”
OPEN_FOLLOW_UP = Q(follow_up__isnull=False, follow_up__done_at=None, follow_up__taken_back_at=None)


class LeadQuerySet(models.QuerySet["Lead"]):
    def to_answer(self) -> LeadQuerySet:
        """Those whose follow-up is still open."""
        return self.filter(OPEN_FOLLOW_UP)

    def answered(self) -> LeadQuerySet:
        return self.exclude(OPEN_FOLLOW_UP)


class Lead(models.Model):
    """One answer to a form on the site, or one wish to be called after a workshop."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="leads")
    page = models.ForeignKey(Page, null=True, on_delete=models.SET_NULL, related_name="+")
    follow_up = models.OneToOneField(
        FollowUp, null=True, editable=False, on_delete=models.SET_NULL, related_name="lead", verbose_name="to do"
    )
    registration = models.OneToOneField(
        Registration, null=True, editable=False, on_delete=models.PROTECT, related_name="lead",
        help_text="The seat at a workshop whose guest asked to be called.",
    )  # fmt: skip
    name = models.CharField(max_length=120)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    heard_from = models.CharField("who told you about us", max_length=120, blank=True)
    answer_key = models.CharField(
        max_length=64, blank=True, editable=False, help_text="The same answer sent twice has the same key."
    )
    created_at = models.DateTimeField("came in", default=timezone.now, editable=False)
    kept_at = models.DateTimeField(
        "kept for good since", null=True, editable=False, help_text="Empty: forgotten when nothing is heard of them."
    )

    objects = LeadQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["answer_key"], condition=~Q(answer_key=""), name="lead_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {date_format(self.created_at, 'SHORT_DATE_FORMAT')}"

    @property
    def is_answered(self) -> bool:
        return self.follow_up is None or self.follow_up.done_at is not None or self.follow_up.taken_back_at is not None

    @property
    def credited_to(self) -> Partner | None:
        """The partner at whose workshop they were."""
        return self.registration.workshop.host if self.registration else None

    @property
    def came_by(self) -> str:
        """The page they wrote on, or the workshop they came to."""
        if self.registration:
            return f"Workshop “{self.registration.workshop.title}”"
        return self.page.title if self.page else ""

    @property
    def is_erased(self) -> bool:
        return self.name == ERASED

    @property
    def kept_until(self) -> datetime | None:
        """Until when at least it is kept; None once that is over, and only signs of life keep it."""
        until = self.created_at + KEEP_FOR
        return until if until > timezone.now() else None

    @property
    def standing(self) -> str:
        return "Answered" if self.is_answered else "To answer"


class PublicPage(Page):
    """What every page of the site has: how search engines and social networks show it, and the form it may carry."""

    social_image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Shown when somebody shares the page; 1200 by 630 pixels is best.",
    )
    is_unlisted = models.BooleanField(
        "keep out of search engines", default=False, help_text="The page can be opened by its address only."
    )

    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("slug"), FieldPanel("seo_title"), FieldPanel("search_description")],
            heading="For search engines",
        ),
        MultiFieldPanel(
            [FieldPanel("social_image"), FieldPanel("is_unlisted"), FieldPanel("show_in_menus")],
            heading="Where it shows",
        ),
    ]
    allowed_http_methods = ["GET", "HEAD", "OPTIONS", "POST"]

    class Meta:
        abstract = True

    @property
    def has_form(self) -> bool:
        return any(block["type"] == "lead_form" for block in self.body.raw_data)

    @property
    def form_question(self) -> str:
        """What the form asks for beside the name: its label for the message."""
        forms = (block["value"].get("question", "") for block in self.body.raw_data if block["type"] == "lead_form")
        return next(forms, "")

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        context = super().get_context(request, *args, **kwargs)
        return context | {"form": front_desk.blank_form(self, request)}

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Below a page with a form lies its thank-you step."""
        if path_components == [front_desk.THANKS] and self.live and self.has_form:
            return RouteResult(self, kwargs={"is_thanks": True})
        return super().route(request, path_components)

    def serve(self, request: HttpRequest, is_thanks: bool = False) -> HttpResponse:
        request.is_preview = False  # type: ignore[attr-defined]  # Wagtail's templates ask for it
        return front_desk.answer(self, request, is_thanks=is_thanks)

    def get_sitemap_urls(self, request: HttpRequest | None = None) -> list[dict]:
        return [] if self.is_unlisted else super().get_sitemap_urls(request)


class HomePage(PublicPage):
    """The front door."""

    body = StreamField(
        [("hero", blocks.HeroBlock()), *blocks.SECTIONS],
        block_counts={"hero": {"min_num": 1, "max_num": 1}, "lead_form": {"max_num": 1}},
    )

    content_panels = [*Page.content_panels, FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("body")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["content.StandardPage", "content.LandingPage"]
    max_count_per_parent = 1


class StandardPage(PublicPage):
    """A page of the site: what we do, what it costs, who we are."""

    eyebrow = models.CharField(max_length=60, blank=True, help_text="A few words above the heading.")
    heading = models.CharField(max_length=90, blank=True, help_text="Empty means the title, which menus show too.")
    intro = models.TextField("introduction", blank=True, max_length=400)
    image = models.ForeignKey("wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    body = StreamField(blocks.SECTIONS, blank=True, block_counts={"lead_form": {"max_num": 1}})

    content_panels = [
        *Page.content_panels,
        FieldPanel("eyebrow"),
        FieldPanel("heading"),
        FieldPanel("intro"),
        FieldPanel("image"),
        FieldPanel("body"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["content.HomePage", "content.StandardPage"]
    subpage_types = ["content.StandardPage", "content.LandingPage"]


class LandingPage(PublicPage):
    """One goal, no menu: a promise, proof, a form, and a thank-you."""

    eyebrow = models.CharField(max_length=60, blank=True)
    heading = models.CharField(max_length=90)
    intro = models.TextField("introduction", max_length=400)
    image = models.ForeignKey("wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    form_heading = models.CharField(max_length=90, default="Tell us where to reach you")
    form_text = models.CharField(max_length=200, blank=True)
    form_question = models.CharField(max_length=80, default="What would you like to do again?")
    button = models.CharField(max_length=40, default="Send")
    thanks_heading = models.CharField("thank-you heading", max_length=90, default="Thank you, we have it.")
    thanks_text = models.TextField(
        "thank-you text", max_length=400, default="We answer within one working day, usually on the same one."
    )
    body = StreamField(blocks.SECTIONS, blank=True, block_counts={"lead_form": {"max_num": 0}})

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [FieldPanel("eyebrow"), FieldPanel("heading"), FieldPanel("intro"), FieldPanel("image")], heading="Promise"
        ),
        MultiFieldPanel(
            [FieldPanel("form_heading"), FieldPanel("form_text"), FieldPanel("form_question"), FieldPanel("button")],
            heading="Form",
        ),
        FieldPanel("body", heading="Proof and questions"),
        FieldRowPanel([FieldPanel("thanks_heading"), FieldPanel("thanks_text")], heading="Thank-you"),
    ]
    parent_page_types = ["content.HomePage", "content.StandardPage"]
    subpage_types: list[str] = []
    has_form = True


auditlog.register(Lead, exclude_fields=["answer_key"])
