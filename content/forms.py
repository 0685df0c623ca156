from __future__ import annotations

from django import forms

from crm.people.guard import GuardedForm

NEWS_WORDING = "Yes, write to me now and then about workshops and news. I can stop it with one click."


class LeadForm(GuardedForm):
    """A few words from somebody who would like to hear from the practice."""

    name = forms.CharField(
        max_length=120,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Please tell us your name."},
    )
    email = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Please tell us your e-mail address, so that we can answer.",
            "invalid": "This does not look like an e-mail address. It needs an @ and an ending such as .com.",
        },
    )
    phone = forms.CharField(
        max_length=40,
        required=False,
        label="Phone",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    message = forms.CharField(
        max_length=2000,
        required=False,
        label="What can we do for you?",
        help_text="A sentence is enough. Please leave out medical details; we talk about those in person.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    heard_from = forms.CharField(
        max_length=120, required=False, label="Who told you about us?", help_text="A person, a gym, a doctor, a poster."
    )
    wants_news = forms.BooleanField(required=False, label=NEWS_WORDING)

    def __init__(self, *args, question: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if question:
            self.fields["message"].label = question

    @property
    def answer(self) -> dict:
        """What the answer says, for receive_lead."""
        fields = ("name", "email", "phone", "message", "heard_from", "wants_news")
        return {name: self.cleaned_data[name] for name in fields}
