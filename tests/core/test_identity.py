"""Who is signed in."""

from tests.core.support import ADA


def test_one_of_the_roles_is_enough_and_no_role_is_every_role():
    assert ADA.has_any_role(frozenset({"admin", "user"}))
    assert not ADA.has_any_role(frozenset({"admin"}))
    assert not ADA.has_any_role(frozenset())


def test_authenticated_changes_when_and_how_only():
    later = ADA.authenticated(99.0, ("otp",))
    assert (later.auth_time, later.amr) == (99.0, ("otp",))
    assert (later.user_id, later.roles) == (ADA.user_id, ADA.roles)
