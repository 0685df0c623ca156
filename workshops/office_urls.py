"""Where the office's own pages and buttons of this room are reached. Wagtail lets in only who is logged in."""

from django.urls import path

from workshops.office import doubtful, erasing, kit, links, telling, waiting
from workshops.outcome import views as outcome

urlpatterns = [
    path("workshops/brought/", outcome.brought, name="workshops_brought"),
    path("registrations/<int:pk>/give-seat/", waiting.give_seat, name="give_seat"),
    path("registrations/<int:pk>/erase/", erasing.erase, name="erase_registrant"),
    path("contacts/erase/<int:pk>/", erasing.erase_contact, name="erase_contact"),
    path("registrations/to-check/", doubtful.to_check, name="registrations_to_check"),
    path("registrations/to-check/<int:pk>/let-in/", doubtful.let_in, name="let_registration_in"),
    path("registrations/to-check/<int:pk>/doubt/", doubtful.doubt_again, name="doubt_registration_again"),
    path("registrations/to-check/throw-away/", doubtful.throw_away, name="throw_registrations_away"),
    path("registrations/to-check/bring-back/", doubtful.bring_back, name="bring_registrations_back"),
    path("workshops/links/<int:pk>/", links.page, name="workshop_links"),
    path("workshops/links/<int:pk>/code.svg", links.code, name="workshop_code"),
    path("workshops/kit/<int:pk>/", kit.page, name="workshop_kit"),
    path("workshops/kit/<int:pk>/flyer/", kit.flyer, name="workshop_flyer"),
    path("workshops/kit/<int:pk>/invited/", kit.note_invited, name="workshop_invited"),
    path("workshops/kit/<int:pk>/code.png", kit.picture, name="workshop_picture"),
    path("workshops/host-letter/<int:pk>/<str:name>/", telling.write, name="write_to_host"),
    path("workshops/host-letter/<int:pk>/<str:name>/take-back/", telling.take_back, name="take_back_host_letter"),
    path("workshops/step/<int:pk>/", telling.step, name="workshop_step"),
]
