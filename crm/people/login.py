"""Who is logged in, found with what every page of the office asks of them, in questions composed once."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from crm.people.composed import ask, records
from crm.people.models import User


class SessionStore(db.SessionStore):
    """Django's own, found by a question that it does not write anew with every page."""

    def _get_session_from_db(self) -> Session | None:
        found = records(_session, now=timezone.now(), name=self.session_key or "")
        if not found:
            self._session_key = None
        return found[0] if found else None


class LoginBackend(ModelBackend):
    """Django's own, which brings the user's Wagtail profile (its time zone, its theme) along, and asks once what they may."""

    def get_user(self, user_id: Any) -> User | None:
        found = records(_user, now=timezone.now(), key=int(user_id))
        if not found or not self.user_can_authenticate(found[0]):
            return None
        [user] = found
        if not user.is_superuser:  # who may do all is not asked
            vars(user).update(  # the names that Wagtail keeps them by
                _page_permission_cache=_once_asked(_on_pages, user),
                _collection_permission_cache=_once_asked(_on_collections, user),
            )
        return user

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The user's own and their groups' in one query, and once a request."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            names = ask(_permissions, user_obj.is_superuser, now=timezone.now(), key=user_obj.pk)
            user_obj._perm_cache = {f"{label}.{codename}" for label, codename in names}
        return user_obj._perm_cache


def _once_asked(compose: Any, user: User) -> Any:
    """What Wagtail keeps with the user of a request, once it needs it."""
    return SimpleLazyObject(partial(records, compose, now=timezone.now(), key=user.pk))


def _session(*, now: Any, key: int, name: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=name, expire_date__gt=now)


def _user(*, now: Any, key: int) -> QuerySet[User]:
    return User.objects.select_related("wagtail_userprofile").filter(pk=key)


def _permissions(has_all: bool, *, now: Any, key: int) -> QuerySet:
    held = Permission.objects.order_by()
    if not has_all:
        held = held.filter(Q(user=key) | Q(group__user=key))
    return held.values_list("content_type__app_label", "codename")


def _on_pages(*, now: Any, key: int) -> QuerySet[GroupPagePermission]:
    return GroupPagePermission.objects.filter(group__user=key).select_related("page", "permission")


def _on_collections(*, now: Any, key: int) -> QuerySet[GroupCollectionPermission]:
    return GroupCollectionPermission.objects.filter(group__user=key).select_related("permission", "collection")
