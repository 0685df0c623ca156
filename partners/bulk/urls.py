from django.urls import path

from partners.bulk import views

urlpatterns = [
    path("", views.bulk, name="bulk_partners"),
    path("<int:pk>/undo/", views.undo, name="undo_bulk"),
]
