"""What the owner says about a file: which one, what its columns are, and what rows without their own get."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

from partners.imports import headers, reading
from partners.imports.refusals import BadMapping
from partners.models import ImportBatch, Kind, Partner

LEFT_OUT = [("", "Leave out")]
EXAMPLES = 3


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Your list",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        error_messages={
            "required": "Choose the file that holds your list.",
            "empty": "The file is empty. Choose the file that holds your list.",
            "missing": "Choose the file that holds your list.",
        },
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > reading.MAX_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {reading.MAX_BYTES // 2**20} MB. Split it into smaller files."
            )
        return file


class ColumnsForm(forms.Form):
    """One choice for each column of the file, and the answers for the file as a whole."""

    kind = forms.ChoiceField(
        label="Kind, where a row does not tell",
        choices=Kind.choices,
        help_text="Yoga in a name or sport is understood.",
    )
    city = forms.CharField(
        label="City, where a row has none", required=False, max_length=Partner._meta.get_field("city").max_length
    )
    source = forms.CharField(
        label="Where this list is from",
        max_length=Partner._meta.get_field("source").max_length,
        help_text="Keep the same word for the same list: its numbers are recognised by it next time.",
    )
    mode = forms.ChoiceField(
        label="When a partner is here already",
        widget=forms.RadioSelect,
        choices=[
            ("fill", "Fill in what is blank and leave the rest as it is"),
            ("overwrite", "Let the file’s values replace what is on record"),
        ],
    )
    consent = forms.CharField(
        label="How do you know these people?",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One sentence, for example: “They gave me their cards at the spring health fair.” It is kept as the "
        "reason why you may send them partner letters. Left empty, nobody from this file is written to. "
        "Whoever said no stays a no.",
    )

    def __init__(self, *args, batch: ImportBatch, **kwargs) -> None:
        table = reading.read(bytes(batch.body))
        fields = [(name, label) for name, label, _ in headers.FIELDS]
        kwargs["initial"] = {"mode": "fill", "kind": Kind.OTHER, **batch.defaults}
        super().__init__(*args, **kwargs)
        self.columns = table.columns
        self.examples = [headers.examples(table, column, EXAMPLES) for column in table.columns]
        for position, column in enumerate(table.columns):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=column, choices=LEFT_OUT + fields, required=False, initial=batch.mapping.get(column, "")
            )

    def rows(self) -> list[tuple[forms.BoundField, list[str]]]:
        """Each column's choice beside the first values that stand in it."""
        return [(self[f"column_{position}"], self.examples[position]) for position in range(len(self.columns))]

    @property
    def mapping(self) -> dict[str, str]:
        return {column: self.cleaned_data[f"column_{position}"] for position, column in enumerate(self.columns)}

    @property
    def defaults(self) -> dict[str, str]:
        return {name: self.cleaned_data[name].strip() for name in ("kind", "city", "source", "mode", "consent")}

    def clean(self) -> dict:
        super().clean()
        if not self.errors:
            try:
                headers.checked(self.mapping, self.columns)
            except BadMapping as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return self.cleaned_data
