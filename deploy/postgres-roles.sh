#!/bin/sh
# Make the two roles of a fresh database: `rete_owner` makes tables and triggers (manage.py prepare), `rete_site` reads
# and writes rows. The triggers that keep log and consent forms append-only belong to the owner, so whoever serves
# pages can neither drop nor disable them, nor empty a table past them.
#
# The image of Postgres runs this once, on an empty volume. On a database that is there already: as its superuser, with
# PGHOST and the like, POSTGRES_DB, and SECRETS as the folder of the passwords.
set -eu
secrets=${SECRETS:-/run/secrets}
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" \
  --set owner="$(cat "$secrets/owner_password")" --set site="$(cat "$secrets/site_password")" <<'SQL'
CREATE ROLE rete_owner LOGIN PASSWORD :'owner';
CREATE ROLE rete_site LOGIN PASSWORD :'site';
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO rete_owner, rete_site;
ALTER SCHEMA public OWNER TO rete_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO rete_site;
ALTER DEFAULT PRIVILEGES FOR ROLE rete_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO rete_site;
ALTER DEFAULT PRIVILEGES FOR ROLE rete_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO rete_site;
SQL
