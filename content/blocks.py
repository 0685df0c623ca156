"""What a page is built from. Each block says what it is for, and shows itself when an editor chooses it."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock

from workshops.models import Workshop

ADDRESS = re.compile(r"^(https?://|/|#|mailto:|tel:)\S+$|^/$")
PLAIN = ["bold", "italic", "link", "ol", "ul"]


class LinkBlock(blocks.StructBlock):
    """A label with a page of this site or any other address behind it."""

    label = blocks.CharBlock(max_length=40, required=False)
    page = blocks.PageChooserBlock(required=False)
    address = blocks.CharBlock(
        max_length=300, required=False, help_text="Only without a page: https://…, /workshops/, mailto:… or tel:…"
    )

    class Meta:
        icon = "link"
        label_format = "{label}"

    def clean(self, value):
        cleaned = super().clean(value)
        label, page, address = cleaned["label"], cleaned["page"], cleaned["address"]
        problems = {}
        if address and not ADDRESS.match(address):
            problems["address"] = ValidationError("Write an address such as https://example.com or /workshops/.")
        if label and not (page or address):
            problems["page"] = ValidationError("Choose the page this link leads to, or write an address.")
        if (page or address) and not label:
            problems["label"] = ValidationError("Write what the link says, for example “Book a first visit”.")
        if problems:
            raise StructBlockValidationError(block_errors=problems)
        return cleaned


class HeadedBlock(blocks.StructBlock):
    """A section with its own heading."""

    eyebrow = blocks.CharBlock(max_length=60, required=False, help_text="A few words above the heading.")
    heading = blocks.CharBlock(max_length=120)
    text = blocks.TextBlock(required=False, rows=2)


class HeroBlock(blocks.StructBlock):
    eyebrow = blocks.CharBlock(max_length=60, required=False)
    heading = blocks.CharBlock(max_length=90)
    text = blocks.TextBlock(required=False, rows=3)
    image = ImageBlock(required=False)
    first_link = LinkBlock(required=False)
    second_link = LinkBlock(required=False)
    facts = blocks.ListBlock(blocks.CharBlock(max_length=50), max_num=3, default=[])

    class Meta:
        icon = "home"
        group = "Opening"
        template = "content/blocks/hero.html"
        description = "The opening of the home page: what you do, for whom, and the next step."
        preview_value = {
            "eyebrow": "Physical therapy, one to one",
            "heading": "Move the way you want to.",
            "text": "One therapist, one hour, one plan that fits your week.",
            "first_link": {"label": "Book a first visit", "address": "/contact/"},
            "facts": ["60 minutes each time", "Plain prices"],
        }


class TextBlock(blocks.StructBlock):
    text = blocks.RichTextBlock(features=["h2", "h3", *PLAIN, "blockquote"])

    class Meta:
        icon = "pilcrow"
        group = "Words"
        template = "content/blocks/text.html"
        description = "Running text with headings and lists."
        preview_value = {"text": "<h2>How we work</h2><p>We listen first, then we look at how you move.</p>"}


class Card(blocks.StructBlock):
    title = blocks.CharBlock(max_length=80)
    text = blocks.TextBlock(rows=3)
    link = LinkBlock(required=False)

    class Meta:
        label_format = "{title}"


class CardsBlock(HeadedBlock):
    cards = blocks.ListBlock(Card(), min_num=2, max_num=9)

    class Meta:
        icon = "list-ul"
        group = "What we offer"
        template = "content/blocks/cards.html"
        description = "Services or reasons side by side, two to nine of them."
        preview_value = {
            "heading": "What people come for",
            "cards": [
                {"title": "Running", "text": "Back to the distance you like."},
                {"title": "Lifting", "text": "Load that your joints agree with."},
                {"title": "Everyday life", "text": "Stairs, gardens and small children."},
            ],
        }


class Step(blocks.StructBlock):
    title = blocks.CharBlock(max_length=80)
    text = blocks.TextBlock(rows=3)
    duration = blocks.CharBlock(max_length=30, required=False, help_text="For example: 60 minutes")

    class Meta:
        label_format = "{title}"


class StepsBlock(HeadedBlock):
    steps = blocks.ListBlock(Step(), min_num=2, max_num=6)

    class Meta:
        icon = "order"
        group = "What we offer"
        template = "content/blocks/steps.html"
        description = "How it works, in order."
        preview_value = {
            "heading": "How it works",
            "steps": [
                {"title": "We talk", "text": "Fifteen minutes on the phone.", "duration": "15 minutes"},
                {"title": "We look", "text": "A full hour together.", "duration": "60 minutes"},
            ],
        }


class Plan(blocks.StructBlock):
    name = blocks.CharBlock(max_length=60)
    price = blocks.CharBlock(max_length=20, help_text="With its currency, for example $129")
    per = blocks.CharBlock(max_length=30, required=False, help_text="For example: a month")
    text = blocks.TextBlock(rows=2, required=False)
    points = blocks.ListBlock(blocks.CharBlock(max_length=100), default=[])
    link = LinkBlock(required=False)
    is_highlighted = blocks.BooleanBlock(required=False, label="Stands out")

    class Meta:
        label_format = "{name}: {price}"


class PricesBlock(HeadedBlock):
    plans = blocks.ListBlock(Plan(), min_num=1, max_num=4)
    note = blocks.CharBlock(max_length=200, required=False)

    class Meta:
        icon = "tag"
        group = "What we offer"
        template = "content/blocks/prices.html"
        description = "Prices or memberships, each with what it holds."
        preview_value = {
            "heading": "Plain prices",
            "plans": [
                {"name": "First visit", "price": "$165", "per": "60 minutes", "points": ["A full look at how you move"]}
            ],
        }


class Person(blocks.StructBlock):
    name = blocks.CharBlock(max_length=80)
    role = blocks.CharBlock(max_length=100, required=False)
    text = blocks.TextBlock(rows=4, required=False)
    image = ImageBlock(required=False)

    class Meta:
        label_format = "{name}"


class PeopleBlock(HeadedBlock):
    people = blocks.ListBlock(Person(), min_num=1, max_num=8)

    class Meta:
        icon = "group"
        group = "Who we are"
        template = "content/blocks/people.html"
        description = "Who works here."
        preview_value = {
            "heading": "Who you will meet",
            "people": [{"name": "Maya Lindqvist", "role": "Physical therapist", "text": "Runs, and reads maps."}],
        }


class ImageTextBlock(HeadedBlock):
    text = blocks.RichTextBlock(features=PLAIN)
    image = ImageBlock()
    side = blocks.ChoiceBlock(choices=[("left", "Picture left"), ("right", "Picture right")], default="right")
    link = LinkBlock(required=False)

    class Meta:
        icon = "image"
        group = "Words"
        template = "content/blocks/image_text.html"
        description = "A picture beside a few paragraphs."
        preview_value = {
            "heading": "One room, one therapist",
            "text": "<p>No gym floor, no queue.</p>",
            "side": "right",
        }


class TestimonialBlock(blocks.StructBlock):
    __test__ = False  # pytest takes the name for a test case

    quote = blocks.TextBlock(rows=4)
    name = blocks.CharBlock(max_length=80, help_text="As they want to be named.")
    detail = blocks.CharBlock(max_length=100, required=False)
    consented_on = blocks.DateBlock(help_text="The day they agreed in writing that this may be shown.")

    class Meta:
        icon = "openquote"
        group = "Proof"
        template = "content/blocks/testimonial.html"
        description = "What a client says, with the day they agreed to it."
        label_format = "{name}"
        preview_value = {
            "quote": "I got my Saturday runs back, and I know what to do when the knee grumbles.",
            "name": "Priya N.",
            "detail": "Half-marathon runner",
            "consented_on": "2026-03-02",
        }

    def clean(self, value):
        cleaned = super().clean(value)
        day = cleaned.get("consented_on")
        if day and day > timezone.localdate():
            problem = ValidationError("Consent comes first: choose today or a day before it.")
            raise StructBlockValidationError(block_errors={"consented_on": problem})
        return cleaned


class PartnerName(blocks.StructBlock):
    name = blocks.CharBlock(max_length=80)
    image = ImageBlock(required=False)
    address = blocks.URLBlock(required=False, label="Website")

    class Meta:
        label_format = "{name}"


class PartnersBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120)
    partners = blocks.ListBlock(PartnerName(), min_num=1, max_num=12)

    class Meta:
        icon = "group"
        group = "Proof"
        template = "content/blocks/partners.html"
        description = "Names or logos of the partners you work with, in one line."
        preview_value = {
            "heading": "In good company",
            "partners": [{"name": "North Gate Gym"}, {"name": "Juniper Yoga"}],
        }


class Question(blocks.StructBlock):
    question = blocks.CharBlock(max_length=160)
    answer = blocks.RichTextBlock(features=PLAIN)

    class Meta:
        label_format = "{question}"


class FaqBlock(HeadedBlock):
    questions = blocks.ListBlock(Question(), min_num=1)

    class Meta:
        icon = "help"
        group = "Words"
        template = "content/blocks/faq.html"
        description = "Questions that open to their answers."
        preview_value = {
            "heading": "Good questions",
            "questions": [{"question": "Do I need a referral?", "answer": "<p>No. You can come directly.</p>"}],
        }


class CallToActionBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120)
    text = blocks.TextBlock(required=False, rows=2)
    first_link = LinkBlock()
    second_link = LinkBlock(required=False)

    class Meta:
        icon = "pick"
        group = "Next step"
        template = "content/blocks/call_to_action.html"
        description = "One clear next step, on a dark band."
        preview_value = {
            "heading": "Shall we talk?",
            "text": "Fifteen minutes, no charge.",
            "first_link": {"label": "Write to us", "address": "/contact/"},
        }


class WorkshopsBlock(HeadedBlock):
    count = blocks.IntegerBlock(min_value=1, max_value=6, default=3)
    when_none = blocks.CharBlock(
        max_length=200, default="No workshop is planned right now. The next dates appear here first."
    )

    class Meta:
        icon = "date"
        group = "What we offer"
        template = "content/blocks/workshops.html"
        description = "The next open workshops. They appear and go by themselves."
        preview_value = {"heading": "Come and learn something", "count": 3}

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        context["workshops"] = list(
            Workshop.objects.listed().coming().select_related("host")[: value.get("count") or 3]
        )
        return context


class ContactBlock(HeadedBlock):
    class Meta:
        icon = "mail"
        group = "Next step"
        template = "content/blocks/contact.html"
        description = "Address, phone and hours from the practice profile, with a link to a map."
        preview_value = {"heading": "Where to find us"}


class LeadFormBlock(HeadedBlock):
    question = blocks.CharBlock(max_length=80, default="What can we do for you?")
    button = blocks.CharBlock(max_length=40, default="Send")

    class Meta:
        icon = "form"
        group = "Next step"
        template = "content/blocks/lead_form.html"
        description = "A short form. Every answer becomes a lead with a to do on Today."
        preview_value = {"heading": "Write to us", "button": "Send"}


SECTIONS = [
    ("text", TextBlock()),
    ("image_text", ImageTextBlock()),
    ("cards", CardsBlock()),
    ("steps", StepsBlock()),
    ("prices", PricesBlock()),
    ("people", PeopleBlock()),
    ("testimonial", TestimonialBlock()),
    ("partners", PartnersBlock()),
    ("faq", FaqBlock()),
    ("workshops", WorkshopsBlock()),
    ("contact", ContactBlock()),
    ("lead_form", LeadFormBlock()),
    ("call_to_action", CallToActionBlock()),
]
