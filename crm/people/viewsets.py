from __future__ import annotations

from django.db.models import OuterRef, Q, QuerySet, Subquery
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.chooser import ChooseResultsView, ChooseView
from wagtail.admin.viewsets.chooser import ChooserViewSet

from crm.people.models import ConsentEvent, Contact, Purpose
from crm.people.panels import ConsentPanel
from crm.people.records import RecordList, RecordViewSet, SearchForm


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


class ContactList(RecordList):
    def get_base_queryset(self) -> QuerySet[Contact]:
        return with_consent(Contact.objects.active()).prefetch_related("roles__partner")

    def search_queryset(self, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        for word in self.search_query.split():
            named = Q(name__icontains=word) | Q(email__icontains=word) | Q(phone__icontains=word)
            queryset = queryset.filter(named | Q(pk__in=Contact.objects.filter(roles__partner__name__icontains=word)))
        return queryset


class ContactViewSet(RecordViewSet):
    model = Contact
    name = "contacts"
    icon = "user"
    menu_label = "Contacts"
    index_view_class = ContactList
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
    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("email"), FieldPanel("phone")]),
        FieldPanel("time_zone"),
        ConsentPanel(heading="What they agreed to", icon="check"),
    ]


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
