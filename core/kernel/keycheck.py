"""A wrong encryption key shows at start: a known text is kept under every key that was ever used."""

from sqlalchemy import insert, select, text

from core.kernel import crypto, db
from core.kernel.actor import Actor
from core.kernel.errors import KeyProblem
from core.kernel.settings import settings
from core.kernel.state import KeyCheck

KNOWN = "Quarterdeck"
_PURPOSE = "key_check"


def require_key() -> None:
    """Makes the key file at the very first start, and proves the keys at each later one.

    Raises KeyProblem when the database knows a key that is missing here or is another one under the same id. A new key is
    made only when nothing was ever encrypted, so that there is no silent re-keying.
    """
    system = Actor.system("key check", channel="cli")
    with db.begun(system) as begun:
        session = begun.session
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('qd_key_check'))"))
        known = {row.key_id: row.sealed for row in session.execute(select(KeyCheck.key_id, KeyCheck.sealed))}
        _make_first(bool(known))
        for key_id, sealed in known.items():
            if crypto.decrypt(sealed, purpose=_PURPOSE) != KNOWN:
                raise KeyProblem(f"The encryption key {key_id!r} is not the one this database was made with.")
        active = crypto.keys().active
        if active not in known:
            session.execute(insert(KeyCheck).values(key_id=active, sealed=crypto.encrypt(KNOWN, purpose=_PURPOSE)))
        session.commit()


def _make_first(was_used: bool) -> None:
    if was_used or settings().encryption_keys is not None or crypto.key_file().exists():
        return
    crypto.make_key_file(crypto.key_file())
    crypto.keys.cache_clear()
