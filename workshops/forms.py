"""What people fill in on the public site."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from crm.mail.reach import takes_mail
from crm.people.guard import TOO_FAST, GuardedForm, age_problem, is_flooding, new_stamp
from crm.people.models import PracticeProfile
from workshops import doubts
from workshops.actions import Person
from workshops.models import Registration, Workshop

MOST_COMPANIONS = 5
SHOWN_AT_MOST_SECONDS = 24 * 3600
NEWS_WORDING = "Yes, write to me now and then about workshops and news. I can stop it with one click."
HEARD_FROM = (
    "A friend or family",
    "My doctor or therapist",
    "My gym, studio or club",
    "A poster or flyer",
    "The internet",
    "Social media",
    "Somewhere else",
)
COMPANION = re.compile(r"with-([1-9]\d?)-name")


def refuse_web_address(name: str) -> None:
    """A name goes into letters: it must not carry somebody's advertising."""
    if doubts.WEB_ADDRESS.search(name):
        raise ValidationError("Write your name without a web address.")


def new_submission() -> str:
    """Names one showing of the form, so that a second press is told apart from a second person."""
    return secrets.token_urlsafe(12)


def name_field(**options) -> forms.CharField:
    return forms.CharField(
        **{
            "label": "Your name",
            "max_length": 120,
            "error_messages": {"required": "Write your name, so that we can greet you."},
            "widget": forms.TextInput(attrs={"autocomplete": "name"}),
            **options,
        }
    )


def phone_field() -> forms.CharField:
    return forms.CharField(
        label="Phone",
        max_length=40,
        required=False,
        help_text="Only for something urgent, such as a closed road.",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )


def email_field(**options) -> forms.EmailField:
    wrong = "This does not look like an e-mail address. It reads like name@example.com."
    required = "Write your e-mail address: the confirmation goes there."
    return forms.EmailField(label="E-mail", error_messages={"required": required, "invalid": wrong}, **options)


class CompanionForm(forms.Form):
    """Somebody who comes along. A row that is left empty is nobody."""

    name = name_field(
        label="Name",
        error_messages={"required": "Write who comes with you, or take this person off again."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = email_field(required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: QueryDict | None = None, *, number: int, initial: dict[str, str] | None = None) -> None:
        super().__init__(
            data, prefix=f"with-{number}", initial=initial, empty_permitted=True, use_required_attribute=False
        )
        self.number = number


class RegistrationForm(GuardedForm):
    """Name and e-mail, a phone number and how they heard from those who like to say, and whoever comes along.

    What looks like a machine's is not refused: ``doubt`` says in words what is odd, and somebody looks at it. A person
    refused by mistake is a person lost.
    """

    name = name_field()
    email = email_field(
        help_text="Your confirmation and the calendar invite go there.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = phone_field()
    heard_from = forms.CharField(label="How did you hear of it?", required=False, max_length=80, widget=forms.Select)
    wants_news = forms.BooleanField(required=False, label=NEWS_WORDING)
    submission = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args, workshop: Workshop, request: HttpRequest, **kwargs) -> None:
        self.asked, self.sent = request, request.POST
        super().__init__(*args, request=request, **kwargs)
        self.workshop = workshop
        self.fields["heard_from"].widget.choices = self._ways  # type: ignore[attr-defined]  # asked when it is shown
        self.companions = [self._companion(number) for number in _numbers(self.sent)]
        self.doubt = ""

    @classmethod
    def reshaped(cls, request: HttpRequest, *, workshop: Workshop) -> RegistrationForm:
        """The form as it was sent, with a row more or one less, and nobody told that anything is missing."""
        change = request.POST["change"]
        form = cls(workshop=workshop, request=request, initial=request.POST.dict())
        form.companions = [one for one in form.companions if change != f"drop-{one.number}"]
        if change == "add" and form.may_add:
            form.companions = [*form.companions, form._companion(form.free_number)]
        return form

    @property
    def stamp(self) -> str:
        """When the form was first shown; sent once more, it is as old as it was."""
        shown = self.sent.get("shown_at", "")
        return shown if age_problem(shown, at_most=SHOWN_AT_MOST_SECONDS) in (None, TOO_FAST) else new_stamp()

    @property
    def this_submission(self) -> str:
        """The same name when the form is shown again with what was typed."""
        return self.sent.get("submission", "")[:32] or new_submission()

    @property
    def may_add(self) -> bool:
        return len(self.companions) < MOST_COMPANIONS

    @property
    def free_number(self) -> int:
        return max((one.number for one in self.companions), default=0) + 1

    @property
    def blank(self) -> CompanionForm:
        """An empty row for the page's script to copy."""
        return CompanionForm(number=0)

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Everything to look at again: the field's id, its label and what is wrong."""
        fields = [(field, "") for field in self]
        fields += [(field, f"Person {n}, ") for n, one in enumerate(self.companions, 2) for field in one]
        marked = [
            (str(field.id_for_label), f"{who}{field.label}", str(words))
            for field, who in fields
            for words in field.errors
        ]
        return [*(("", "", str(words)) for words in self.non_field_errors()), *marked]

    @property
    def has_errors(self) -> bool:
        return bool(self.problems)

    def is_valid(self) -> bool:
        # Not all() of a generator: each row says what is wrong with it.
        return all([super().is_valid(), *[one.is_valid() for one in self.companions]])

    def clean(self) -> dict:
        cleaned = forms.Form.clean(self) or self.cleaned_data
        if not self.errors:
            # The DNS is asked last, and only about those who look well otherwise: people wait for its answer.
            self.doubt = (" ".join(self._doubts(cleaned)) or " ".join(self._unreachable()))[:200]
        return cleaned

    @property
    def people(self) -> list[Person]:
        """Everybody on the form, whoever filled it in first; an address stands beside one of them only."""
        first = Person(self.cleaned_data["name"].strip(), self.cleaned_data["email"].strip().lower())
        people, taken = [first], {first.email, ""}
        for typed in (one.cleaned_data for one in self.companions if one.has_changed()):
            email = typed["email"].strip().lower()
            people.append(Person(typed["name"].strip(), "" if email in taken else email))
            taken.add(email)
        return people

    def _ways(self) -> list[tuple[str, str]]:
        """How they may have heard of it."""
        host = self.workshop.host
        heard = [f"At {host.name}"[:80]] if host else []
        return [("", "Choose, if you like"), *((words, words) for words in (*heard, *HEARD_FROM))]

    def _companion(self, number: int) -> CompanionForm:
        if self.is_bound:
            return CompanionForm(self.sent, number=number)
        typed = {field: self.sent.get(f"with-{number}-{field}", "") for field in ("name", "email")}
        return CompanionForm(number=number, initial=typed)

    def _doubts(self, cleaned: dict) -> Iterator[str]:
        if self.is_trapped:
            yield doubts.TRAPPED
        problem = age_problem(cleaned.get("shown_at", ""), at_most=SHOWN_AT_MOST_SECONDS)
        if problem:
            yield doubts.TOO_FAST if problem == TOO_FAST else doubts.NEVER_SHOWN
        if is_flooding(self.asked, email=cleaned["email"]):
            yield doubts.FLOOD
        site_name = PracticeProfile.load(request_or_site=self.asked).name
        for one in (self, *self.companions):
            typed = one.cleaned_data if one is self or one.is_valid() else {}
            yield from doubts.about_name(typed.get("name", ""), site_name=site_name)
            yield from doubts.about_address(typed.get("email", ""))
        if doubts.WEB_ADDRESS.search(f"{cleaned['phone']} {cleaned['heard_from']}"):
            yield "There is a web address among the answers."

    def _unreachable(self) -> Iterator[str]:
        typed = (one.cleaned_data.get("email", "") for one in (self, *self.companions) if one is self or one.is_valid())
        for domain in sorted({email.rpartition("@")[2].lower() for email in typed if email}):
            if not takes_mail(domain):
                yield doubts.UNREACHABLE.format(domain=domain)


class CodeForm(forms.Form):
    """The code that opens a private workshop."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class DetailsForm(forms.ModelForm):
    """What registrants may correct. Not the address: the calendar invite belongs to it."""

    name = name_field(validators=[refuse_web_address])
    phone = phone_field()

    class Meta:
        model = Registration
        fields = ["name", "phone"]


def _numbers(sent: QueryDict) -> list[int]:
    """Which rows for companions came back."""
    found = sorted({int(row[1]) for row in map(COMPANION.fullmatch, sent) if row})
    return found[:MOST_COMPANIONS]
