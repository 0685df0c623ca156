"""Who is logged in, found in one query with what every page of the office asks of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from crm.people.models import User


class LoginBackend(ModelBackend):
    """Django's own, which brings the user's Wagtail profile (its time zone, its theme) along."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("wagtail_userprofile").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
