#!/usr/bin/env bash
# Writes all that a system of docker-compose.prod.yml is to one archive, of one moment: infra/compose/backup.sh FOLDER
# Whoever holds the archive holds the system's keys. The newest KEEP (14) stay. From cron, at the repository's root:
#   15 3 * * *  cd /srv/mayfly && infra/compose/backup.sh /var/backups/mayfly
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=${1:?a folder for archives}
keep=${KEEP:-14}
umask 077
mkdir -p "$folder"
compose=(${COMPOSE:-docker-compose} -f docker-compose.yml -f docker-compose.prod.yml)
# Functions first, so that nobody has half a change under way; what keeps state last.
parts=(schedule accounts datasets training models monitoring prediction prediction-grpc reports gateway broker storage firestore)
archive=$folder/mayfly-$(date -u +%Y%m%dT%H%M%SZ).tar

go_on() { "${compose[@]}" unpause "${parts[@]}" >/dev/null; }
drop() { rm -f "$archive.part"; }
trap 'go_on; drop' EXIT
# Everything stands still for as long as the copy takes, as docs/adr/0058-backups-hold-processes-still.md says of a laptop;
# calls wait meanwhile.
"${compose[@]}" pause "${parts[@]}" >/dev/null
"${compose[@]}" run --rm -T --no-deps backup > "$archive.part"
go_on
trap drop EXIT
tar -tf "$archive.part" >/dev/null # whole, or it is none
gzip -c "$archive.part" > "$archive.gz.part"
mv "$archive.gz.part" "$archive.gz"
find "$folder" -maxdepth 1 -name 'mayfly-*.tar.gz' | sort -r | tail -n "+$((keep + 1))" | xargs -r rm --
echo "$archive.gz"
