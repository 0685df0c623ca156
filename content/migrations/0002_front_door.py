"""Put a plain home page where Wagtail says “Welcome”."""

import json
import uuid

from django.db import migrations

BODY = [
    {
        "type": "hero",
        "value": {
            "eyebrow": "Physical therapy",
            "heading": "Move the way you want to.",
            "text": "One therapist, a full hour, and a plan that fits your week. Tell us what you would like to do again.",
            "image": {"image": None, "decorative": False, "alt_text": ""},
            "first_link": {"label": "Write to us", "page": None, "address": "#form"},
            "second_link": {"label": "", "page": None, "address": ""},
            "facts": [],
        },
    },
    {
        "type": "workshops",
        "value": {
            "eyebrow": "",
            "heading": "Workshops",
            "text": "",
            "count": 3,
            "when_none": "No workshop is planned right now. The next dates appear here first.",
        },
    },
    {
        "type": "lead_form",
        "value": {
            "eyebrow": "",
            "heading": "Write to us",
            "text": "We answer within one working day.",
            "question": "What can we do for you?",
            "button": "Send",
        },
    },
    {"type": "contact", "value": {"eyebrow": "", "heading": "Where to find us", "text": ""}},
]


def open_the_door(apps, schema_editor):
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    ContentType = apps.get_model("contenttypes", "ContentType")
    HomePage = apps.get_model("content", "HomePage")
    root = Page.objects.filter(depth=1).first()
    if root is None:
        return
    Page.objects.filter(depth=2, slug="home", content_type__app_label="wagtailcore", numchild=0).delete()
    if Page.objects.filter(depth=2).exists():
        return  # somebody's own pages stand here already

    kind, _made = ContentType.objects.get_or_create(app_label="content", model="homepage")
    home = HomePage.objects.create(
        title="Home",
        draft_title="Home",
        slug="home",
        content_type=kind,
        path=f"{root.path}0001",
        depth=2,
        numchild=0,
        url_path="/home/",
        locale=Locale.objects.get_or_create(language_code="en")[0],
        body=json.dumps([{**block, "id": str(uuid.uuid4())} for block in BODY]),
    )
    Page.objects.filter(pk=root.pk).update(numchild=1)
    Site.objects.create(hostname="localhost", root_page_id=home.pk, is_default_site=True)


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [migrations.RunPython(open_the_door, migrations.RunPython.noop)]
