from helpdesk.identity.actions import sign_in
from helpdesk.kernel.db import session, transaction
from tests.people import PASSWORD, Town


def test_address_and_password_together_open_the_door(town: Town) -> None:
    with transaction():
        found = sign_in(" AIGUL@1450.test ", PASSWORD)
    assert found is not None
    assert found.id == town.aigul.id


def test_one_of_them_alone_does_not(town: Town) -> None:
    with transaction():
        assert sign_in("aigul@1450.test", "another password") is None
        assert sign_in("nobody@1450.test", PASSWORD) is None


def test_an_old_hash_is_renewed_when_its_owner_signs_in(town: Town) -> None:
    before = town.aigul.password_hash
    with transaction():
        sign_in("aigul@1450.test", PASSWORD)
    session().refresh(town.aigul)
    assert town.aigul.password_hash != before
    with transaction():
        assert sign_in("aigul@1450.test", PASSWORD) is not None
