"""What a letter is made of. Few parts, and each looks right in every inbox and in plain text."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock

TEXT_FEATURES = ["bold", "italic", "link", "ul", "ol"]


class ButtonBlock(blocks.StructBlock):
    label = blocks.CharBlock(max_length=60, help_text="What happens, for example: Reserve a seat.")
    page = blocks.PageChooserBlock(required=False, help_text="A page of your own site.")
    url = blocks.URLBlock(required=False, label="Or an address", help_text="Begins with https://")

    class Meta:
        icon = "link"
        label_format = "Button: {label}"
        description = "One thing to do, as a large button."
        preview_value = {"label": "Reserve a seat", "url": "https://example.com/"}

    def clean(self, value):
        cleaned = super().clean(value)
        if not self.is_deferred_validation and not cleaned.get("page") and not cleaned.get("url"):
            problem = ValidationError("Choose a page or write an address: a button has to lead somewhere.")
            raise StructBlockValidationError({"url": problem})
        return cleaned


class WorkshopsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(default="Coming workshops", max_length=80)
    how_many = blocks.IntegerBlock(default=3, min_value=1, max_value=6)

    class Meta:
        icon = "date"
        label = "Coming workshops"
        label_format = "Coming workshops"
        description = "The next open workshops with date, place and link, as they stand when the letter leaves."
        preview_value = {"heading": "Coming workshops", "how_many": 3}


class LetterBody(blocks.StreamBlock):
    heading = blocks.CharBlock(
        max_length=120, icon="title", description="A short line that begins a part.", preview_value="Two things to try"
    )
    text = blocks.RichTextBlock(
        features=TEXT_FEATURES,
        icon="pilcrow",
        description="Paragraphs, lists and links.",
        preview_value="<p>Hi [[first_name|there]], it was good to see your class last week.</p>",
    )
    image = ImageBlock(icon="image", description="A picture, with words for those who can't see it.")
    button = ButtonBlock()
    divider = blocks.StaticBlock(
        icon="horizontalrule", label="Divider", admin_text="A thin line.", description="A thin line between two parts."
    )
    workshops = WorkshopsBlock()
