#!/usr/bin/env bash
# Fills the empty volumes of docker-compose.prod.yml with an archive of backup.sh's: infra/compose/restore.sh ARCHIVE.tar.gz
# Then: docker-compose -f docker-compose.yml -f docker-compose.prod.yml up -d
set -euo pipefail
archive=$(realpath "${1:?an archive of backup.sh}")
cd "$(dirname "$0")/../.."
gzip -t "$archive"
compose=(${COMPOSE:-docker-compose} -f docker-compose.yml -f docker-compose.prod.yml)
gunzip -c "$archive" | "${compose[@]}" run --rm -T --no-deps restore
