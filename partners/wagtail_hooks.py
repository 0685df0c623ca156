from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.admin.ui.sidebar import LinkMenuItem

from crm.people.viewsets import ContactChooserViewSet
from partners import brief, duplicates, log
from partners.account import LogAddressPanel, MorningMailPanel
from partners.results import outings
from partners.results import views as results
from partners.views import (
    cadence,
    cards,
    gifts,
    mail_log,
    merging,
    page,
    people,
    plans,
    referrals,
    scripts,
    sending,
    snoozing,
    stages,
    telling,
    thanking,
    todos,
    together,
    touches,
)
from partners.viewsets import PartnersGroup
from partners.viewsets.chooser import PartnerChooserViewSet
from partners.viewsets.gift import GiftLimitViewSet


@hooks.register("register_admin_viewset")
def register_partners():
    return [PartnersGroup(), PartnerChooserViewSet(), ContactChooserViewSet(), GiftLimitViewSet()]


def referral_addresses():
    return [
        path("partners/<int:pk>/referral/", referrals.receive, name="receive_referral"),
        path("partners/<int:pk>/card/", cards.card, name="refer_card"),
        path("partners/<int:pk>/card/code.svg", cards.code, name="refer_code"),
        path("partners/<int:pk>/send/", sending.send, name="send_referral"),
        path("referrals/under-way/", referrals.under_way, name="under_way"),
        path("referrals/accounting.csv", telling.accounting, name="accounting"),
        path("referrals/<int:pk>/take-back/", referrals.take_back, name="take_back_referral"),
        path("referrals/<int:pk>/put-back/", referrals.put_back, name="put_back_referral"),
        path("referrals/<int:pk>/accept/", referrals.accept, name="accept_referral"),
        path("referrals/<int:pk>/who/", referrals.who, name="referral_who"),
        path("referrals/<int:pk>/move/", referrals.move, name="move_referral"),
        path("referrals/<int:pk>/unmove/", referrals.unmove, name="unmove_referral"),
        path("referrals/<int:pk>/thank-you/", thanking.thank_you, name="thank_you"),
        path("referrals/<int:pk>/thank/", thanking.thank, name="thank"),
        path("referrals/<int:pk>/unthank/", thanking.unthank, name="unthank"),
        path("referrals/<int:pk>/tell/", telling.tell, name="tell"),
        path("referrals/<int:pk>/untell/", telling.untell, name="untell"),
        path("referrals/<int:pk>/permit/", telling.permit, name="permit"),
        path("referrals/permissions/<int:pk>/revoke/", telling.revoke, name="revoke_permission"),
        path("sent/<int:pk>/hand-over/", sending.hand_over, name="hand_over"),
        path("sent/<int:pk>/ask-after/", sending.ask_after, name="ask_after"),
        path("sent/<int:pk>/step-back/", sending.step_back, name="step_back_sent"),
        path("sent/<int:pk>/take-back/", sending.take_back, name="take_back_sent"),
    ]


def page_addresses():
    return [
        path("partners/<int:pk>/tap/", page.tap, name="tap_partner"),
        path("partners/<int:pk>/fit/", page.judge, name="judge_fit"),
        path("partners/<int:pk>/brief/", brief.brief, name="partner_brief"),
        path("partners/<int:pk>/mail/", brief.mail, name="partner_mail"),
        path("partners/<int:pk>/gifts/", brief.gifts, name="partner_gifts"),
        path("touches/<int:pk>/word/", page.word, name="touch_word"),
        path("people/<int:pk>/", people.edit_person, name="edit_person"),
    ]


@hooks.register("register_admin_urls")
def register_addresses():
    return [
        path("log/", log.quick_log, name="quick_log"),
        path("log/suggest/", log.suggest, name="quick_log_suggest"),
        path("log/by-mail/", mail_log.by_mail, name="log_by_mail"),
        path("log/about/<int:pk>/", touches.about_partner, name="quick_log_about"),
        path("touches/<int:pk>/take-back/", touches.take_back, name="take_back"),
        path("touches/<int:pk>/put-back/", touches.put_back, name="put_back"),
        *referral_addresses(),
        path("todos/together/", together.deed, name="do_together"),
        path("todos/together/undo/", together.undo, name="undo_together"),
        *page_addresses(),
        path("todos/<int:pk>/", todos.todo, name="todo"),
        path("todos/<int:pk>/done/", todos.complete, name="complete"),
        path("todos/<int:pk>/next/", todos.next_step, name="next_step"),
        path("todos/<int:pk>/open/", todos.reopen, name="reopen"),
        path("todos/<int:pk>/snooze/", todos.snooze, name="snooze"),
        path("todos/<int:pk>/unsnooze/", todos.unsnooze, name="unsnooze"),
        path("todos/<int:pk>/due/", todos.put_due, name="put_due"),
        path("todos/<int:pk>/drop/", todos.drop, name="drop"),
        path("todos/<int:pk>/pick-up/", todos.pick_up, name="pick_up"),
        path("partners/<int:pk>/plans/<int:plan_pk>/", plans.begin, name="begin_plan"),
        path("partners/<int:pk>/plans/stop/", plans.stop, name="stop_plan"),
        path("partners/<int:pk>/plans/resume/", plans.resume, name="resume_plan"),
        path("partners/<int:pk>/snooze/", snoozing.snooze, name="snooze_partner"),
        path("partners/<int:pk>/unsnooze/", snoozing.unsnooze, name="unsnooze_partner"),
        path("gifts/<int:pk>/take-back/", gifts.take_back, name="take_back_gift"),
        path("gifts/<int:pk>/put-back/", gifts.put_back, name="put_back_gift"),
        path("scripts/<int:pk>/switch/", scripts.switch, name="switch_script"),
        path("scripts/<int:pk>/restore/", scripts.restore, name="restore_script"),
        path("scripts/<int:pk>/rewrite/", scripts.rewrite, name="rewrite_script"),
        path("partners/<int:pk>/remind/", todos.remind, name="remind"),
        path("partners/<int:pk>/tier/", cadence.set_tier, name="set_tier"),
        path("keeping-up/", cadence.keeping_up, name="keeping_up"),
        path("partners/<int:pk>/move/", stages.move, name="move_partner"),
        path("partners/<int:pk>/stages/", stages.stages, name="partner_stages"),
        path("partners/<int:pk>/unmove/", stages.unmove, name="unmove_partner"),
        path("partners/<int:pk>/archive/", stages.archive, name="archive_partner"),
        path("partners/<int:pk>/restore/", stages.restore, name="restore_partner"),
        path("partners/bulk/", include("partners.bulk.urls")),
        path("partners/<int:pk>/people/", people.add_person, name="add_person"),
        path("people/<int:pk>/remove/", people.remove_person, name="remove_person"),
        path("partners/same/", merging.same, name="same_partners"),
        path("partners/same/not/", merging.not_the_same, name="not_the_same"),
        path("partners/same/after-all/", merging.same_after_all, name="same_after_all"),
        path("partners/<int:pk>/merge/", merging.choose_other, name="merge_with"),
        path("partners/merge/<int:first>/<int:second>/", merging.merge, name="merge_partners"),
        path("partners/merges/", merging.merges, name="merges"),
        path("partners/merges/<int:pk>/undo/", merging.unmerge, name="unmerge"),
        path("review/", results.weekly_review, name="weekly_review"),
        path("review/quarter/", results.quarter_board, name="quarter_board"),
        path("outings/", outings.outings, name="outings"),
        path("outings/new/", outings.add_outing, name="add_outing"),
        path("outings/<int:pk>/", outings.outing, name="outing"),
        path("outings/<int:pk>/change/", outings.change_outing, name="change_outing"),
        path("outings/<int:pk>/close/", outings.close, name="close_outing"),
        path("review/report/", results.report, name="results_report"),
        path("import/", include("partners.imports.urls")),
    ]


@hooks.register("register_icons")
def register_icons(icons):
    return [*icons, "partners/icons/gift.svg"]


class LogMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.add_touch")


@hooks.register("register_admin_menu_item")
def register_log():
    return LogMenuItem("Log a touch", reverse("quick_log"), name="log-touch", icon_name="plus", order=50)


class ImportMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.import_partner")


@hooks.register("register_partners_menu_item")
def register_import():
    return ImportMenuItem("Import", reverse("partner_import:index"), name="import", icon_name="upload", order=900)


class KeepingUpMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.view_partner")


@hooks.register("register_partners_menu_item")
def register_keeping_up():
    return KeepingUpMenuItem(
        "Keeping up", reverse("keeping_up"), name="keeping-up", icon_name="calendar-alt", order=850
    )


class ResultsMenuItem(MenuItem):
    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.view_review")


@hooks.register("register_partners_menu_item")
def register_results():
    return ResultsMenuItem("Results", reverse("weekly_review"), name="results", icon_name="order-up", order=840)


class SamePartnersMenuItem(MenuItem):
    """With how many pairs there are to decide about."""

    def is_shown(self, request) -> bool:
        return request.user.has_perm("partners.merge_partner")

    def render_component(self, request):
        count = len(duplicates.known_pairs())
        label = f"{self.label} ({count})" if count else self.label
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name)


@hooks.register("register_partners_menu_item")
def register_same():
    url = reverse("same_partners")
    return SamePartnersMenuItem("Two of the same", url, name="same-partners", icon_name="copy", order=880)


@hooks.register("register_admin_search_area")
def register_search():
    return SearchArea("Partners", reverse("partners:index"), name="partners", icon_name="group", order=10)


@hooks.register("register_account_settings_panel")
def register_morning_mail(request, user, profile):
    return MorningMailPanel(request, user, profile)


@hooks.register("register_account_settings_panel")
def register_log_address(request, user, profile):
    return LogAddressPanel(request, user, profile)
