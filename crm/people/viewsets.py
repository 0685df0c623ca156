from __future__ import annotations

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.views.generic import EditView
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.button import Button

from crm.people.models import ConsentEvent, Contact, Purpose
from crm.people.panels import ConsentPanel
from crm.people.record_form import RecordForm
from crm.people.records import RecordList, RecordViewSet, SearchForm
from crm.people.tables import Column, TitleColumn


def with_consent(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Know of each contact the latest word on partner letters and on news."""
    said = ConsentEvent.objects.filter(contact=OuterRef("pk")).order_by("-at", "-pk")
    return contacts.annotate(
        partner_letters=Subquery(said.filter(purpose=Purpose.PARTNER).values("state")[:1]),
        news_letters=Subquery(said.filter(purpose=Purpose.NEWS).values("state")[:1]),
    )


class RolesColumn(Column):
    cell_template_name = "people/_roles_cell.html"


class ConsentColumn(Column):
    cell_template_name = "people/_consent_cell.html"


MERGE = "partners.merge_partner"  # one right for both: whoever may make two partners one may do so with their people


class ContactList(RecordList):
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        if not self.request.user.has_perm(MERGE):
            return super().header_more_buttons
        same = Button("Two of one person", url=reverse("same_people"), icon_name="copy")
        return [*super().header_more_buttons, same]

    def get_base_queryset(self) -> QuerySet[Contact]:
        return with_consent(Contact.objects.active()).prefetch_related("roles__partner")

    def search_queryset(self, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        for word in self.search_query.split():
            named = Q(name__icontains=word) | Q(email__icontains=word) | Q(phone__icontains=word)
            queryset = queryset.filter(named | Q(pk__in=Contact.objects.filter(roles__partner__name__icontains=word)))
        return queryset


class EditContact(EditView):
    """The form of one contact; of one who was merged into another, the form of that other."""

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        contact = self.get_object()
        if contact.merged_into_id:
            messages.info(request, f"{contact.named} was merged into {contact.survivor.named}.")
            return redirect("contacts:edit", contact.merged_into_id)
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Hold the row. What somebody typed while the contact was merged is kept on the page, and nothing is written."""
        with transaction.atomic():
            key = unquote(str(self.kwargs["pk"]))
            self.object = get_object_or_404(Contact.objects.select_for_update(), pk=key)
            if not self.object.merged_into_id:
                return super().post(request, *args, **kwargs)
            messages.error(request, render_to_string("people/_merged_meanwhile.html", {"gone": self.object}))
            return self.render_to_response(self.get_context_data(form=self.get_form()), status=422)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons, key = [*super().header_more_buttons], [self.object.pk]
        if not self.object.archived_at and self.request.user.has_perm(MERGE):
            buttons.append(Button("Merge", url=reverse("merge_person_with", args=key), icon_name="copy"))
        if self.request.user.has_perm("people.delete_contact"):
            buttons.append(
                Button("What we keep of them", url=reverse("kept_of_contact", args=key), icon_name="download")
            )
            buttons.append(Button("Erase on their wish", url=reverse("erase_contact", args=key), icon_name="bin"))
        return buttons


class ContactViewSet(RecordViewSet):
    model = Contact
    name = "contacts"
    icon = "user"
    menu_label = "Contacts"
    index_view_class = ContactList
    edit_view_class = EditContact
    search_fields = ["name"]
    list_display = [
        TitleColumn("name", label="Name", sort_key="name", accessor=str, url_name="contacts:edit"),
        Column("email", label="E-mail", sort_key="email"),
        Column("phone", label="Phone", classname="wide-only"),
        RolesColumn("roles", label="At", accessor=str),
        ConsentColumn("consent", label="May be written to", accessor=str),
    ]
    list_export = ["name", "email", "phone", "partner_letters", "news_letters", "created_at"]
    export_filename = "contacts"
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldRowPanel([FieldPanel("email"), FieldPanel("phone")]),
            FieldPanel("time_zone"),
            ConsentPanel(heading="What they agreed to", icon="check"),
        ],
        base_form_class=RecordForm,
    )


class ContactSearchForm(SearchForm):
    def search(self, objects: QuerySet[Contact], typed: str) -> QuerySet[Contact]:
        return objects.filter(Q(name__icontains=typed) | Q(email__icontains=typed))


class ChooseContact(ChooseView):
    filter_form_class = ContactSearchForm

    def get_object_list(self) -> QuerySet[Contact]:
        return Contact.objects.active()


class ChooseContactResults(ChooseResultsView):
    filter_form_class = ContactSearchForm

    def get_object_list(self) -> QuerySet[Contact]:
        return Contact.objects.active()


class ContactChooserViewSet(ChooserViewSet):
    model = Contact
    name = "contact_chooser"
    icon = "user"
    choose_view_class = ChooseContact
    choose_results_view_class = ChooseContactResults
    choose_one_text = "Choose a contact"
    choose_another_text = "Choose another contact"
    edit_item_text = "Edit this contact"
    form_fields = ["name", "email", "phone"]
    creation_tab_label = "New contact"
