"""Issuers that were found by letters of their names: after the upgrade each keeps its DID and what is its own.

A badge that was withdrawn before names nobody after it.
"""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from lti_mcred.app import create_app
from lti_mcred.badges.models import Award, Issuer, IssuerBinding, IssuingAddress
from lti_mcred.engine import migrate
from lti_mcred.engine.db import close_connections, db

_NOW = "'2026-11-24 10:00:00'"
_BEFORE = f"""
INSERT INTO platform (id, name, issuer, client_id, auth_url, token_url, jwks_url, profile, state, created_at)
  VALUES ('p', 'Larkspur', 'https://lms.example.edu', 'c', 'a', 't', 'j', 'canvas', 'active', {_NOW});
INSERT INTO deployment (id, platform_id, deployment_id, state, created_at) VALUES ('d', 'p', '1', 'active', {_NOW});
INSERT INTO person (id, deployment_id, sub, is_test_user, created_at) VALUES ('w', 'd', 's', false, {_NOW});
INSERT INTO issuer (id, slug, name, url, created_at)
  VALUES ('i', 'c-academy', 'C  Academy', 'https://old.example.edu', {_NOW});
INSERT INTO status_list (id, issuer_id, purpose, bits, signed, signed_at)
  VALUES ('l', 'i', 'revocation', '', 'x', {_NOW})
"""
_AWARD = """
INSERT INTO catalog_version (id, slug, version, title, document, sha256, state, created_at)
  VALUES ('v{n}', 'title-{n}', '1.0.0', 'T', '{{"issuer": {{"name": "{name}"}}}}', 'x', 'published', {now});
INSERT INTO enrolment (id, person_id, version_id, state, started_at, copy_id)
  VALUES ('e{n}', 'w', 'v{n}', 'earned', {now}, '');
INSERT INTO attempt (id, enrolment_id, number, state, what_changed, locked, created_at)
  VALUES ('t{n}', 'e{n}', 1, 'submitted', '', '[]', {now});
INSERT INTO decision (id, attempt_id, sequence, outcome, criteria, decided_at)
  VALUES ('c{n}', 't{n}', 1, 'earned', '{{}}', {now});
INSERT INTO award (id, person_id, version_id, decision_id, issuer_id, status_list_id, status_index, awarded_at,
    revoked_at, shown_name, credential)
  VALUES ('a{n}', 'w', 'v{n}', 'c{n}', 'i', 'l', {n}, {now}, {gone}, 'Nadia Okafor',
    '{{"@context": [], "id": "https://old.example.edu/credentials/a{n}"}}')
"""


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres])])
def test_an_issuer_keeps_its_did_and_loses_what_only_shared_its_letters(request, settings, engine):
    if engine == "postgresql":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_url"))
    app = create_app(settings)
    with app.app_context():
        db.drop_all()
        migrate.upgrade(app, "0009")
        said = [("C Academy", "NULL"), ("C++ Academy", _NOW)]
        awards = [_AWARD.format(n=n, name=name, gone=gone, now=_NOW) for n, (name, gone) in enumerate(said)]
        with db.engine.begin() as connection:
            for statement in ";\n".join([_BEFORE, *awards]).split(";\n"):
                connection.exec_driver_sql(statement)
        migrate.upgrade(app)
        bound = {
            (row.micro_credential, row.said, row.issuer_id) for row in db.session.scalars(sa.select(IssuerBinding))
        }
        kept = db.session.get_one(Issuer, "i").slug
        addresses = list(db.session.scalars(sa.select(IssuingAddress.address)))
        shown = {row.id: (row.shown_name, row.credential != "") for row in db.session.scalars(sa.select(Award))}
        db.session.remove()
        db.drop_all()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE alembic_version")
        close_connections()
    assert bound == {("", "name:C Academy", "i"), ("title-0", "name:C Academy", "i")}
    assert kept == "c-academy"
    assert addresses == ["https://old.example.edu"]
    assert shown == {"a0": ("Nadia Okafor", True), "a1": (None, False)}
