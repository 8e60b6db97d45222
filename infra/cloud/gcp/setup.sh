#!/usr/bin/env bash
# What ./mayfly deploy --to cloud-run needs, by gcloud, where Terraform is not wanted: identity, secrets, bucket, documents,
# queue, schedules. Called again it changes nothing that is there. From the repository's root:
#   PROJECT=your-project REGION=europe-west1 LOCATION=eur3 infra/cloud/gcp/setup.sh key
# STEP_SECRET=FILE names the secret of a backup that was moved here (./mayfly restore --to-project).
# The file named last holds the first API key; it is made where it is missing (./mayfly setup does so elsewhere).
set -euo pipefail
: "${PROJECT:?the project}" "${REGION:?the region}" "${LOCATION:?of Firestore, such as eur3}"
key_file=${1:?a file for the first API key}
knative=infra/knative/eventing
account=mayfly-functions@$PROJECT.iam.gserviceaccount.com
number=$(gcloud projects describe "$PROJECT" --format='value(projectNumber)')
run() { gcloud --quiet --project "$PROJECT" "$@"; }
there() { run "$@" </dev/null >/dev/null 2>&1; }
url() { echo "https://$1-$number.$REGION.run.app"; }

run services enable artifactregistry.googleapis.com cloudscheduler.googleapis.com firestore.googleapis.com \
  pubsub.googleapis.com run.googleapis.com secretmanager.googleapis.com storage.googleapis.com

# Where the images go: deploy pushes them as whoever is logged in (gcloud auth configure-docker "$REGION-docker.pkg.dev").
there artifacts repositories describe mayfly --location "$REGION" ||
  run artifacts repositories create mayfly --location "$REGION" --repository-format docker

there iam service-accounts describe "$account" || run iam service-accounts create mayfly-functions
run projects add-iam-policy-binding "$PROJECT" --member "serviceAccount:$account" --role roles/datastore.user \
  --condition=None >/dev/null
there firestore databases describe || run firestore databases create --location "$LOCATION" --delete-protection
# Which automatic indexes of fields stay, infra/cloud/gcp/firestore.indexes.json says; Mayfly's queries need no composite one.
.venv/bin/python -c '
import json, sys
for one in json.load(sys.stdin)["fieldOverrides"]:
    kept = [f"--index=order={index['"'"'order'"'"'].lower()}" for index in one["indexes"]]
    print(one["collectionGroup"], one["fieldPath"], *(kept or ["--disable-indexes"]))
' < infra/cloud/gcp/firestore.indexes.json | while read -r group field kept; do
  # shellcheck disable=SC2086 - several words
  run firestore indexes fields update "$field" --collection-group "$group" $kept </dev/null
done

bucket=gs://$PROJECT-mayfly
there storage buckets describe "$bucket" ||
  run storage buckets create "$bucket" --location "$REGION" --uniform-bucket-level-access --public-access-prevention
run storage buckets add-iam-policy-binding "$bucket" --member "serviceAccount:$account" \
  --role roles/storage.objectUser >/dev/null

# secret NAME, its value on the standard input: made where it is missing.
secret() {
  there secrets describe "$1" || run secrets create "$1" --data-file=-
  run secrets add-iam-policy-binding "$1" --member "serviceAccount:$account" \
    --role roles/secretmanager.secretAccessor >/dev/null
}
digests=$(mktemp -d)
trap 'rm -rf "$digests"' EXIT
kit() { .venv/bin/python -m functions.kit.adapters.api_keys "$@"; }
kit digest --key-file "$key_file" --digest-file "$digests/first-key"
# Where a backup was moved here, its own: what was sealed by it can be opened by no other.
if [ -n "${STEP_SECRET:-}" ]; then cp "$STEP_SECRET" "$digests/step-secret"; else kit secret --key-file "$digests/step-secret"; fi
secret mayfly-step-secret < "$digests/step-secret"
secret mayfly-first-key < "$digests/first-key"

there pubsub topics describe mayfly-steps || run pubsub topics create mayfly-steps
run pubsub topics add-iam-policy-binding mayfly-steps --member "serviceAccount:$account" \
  --role roles/pubsub.publisher >/dev/null

# Which functions have steps, and when they look for lost ones: infra/knative says so.
awk '/^  schedule:/{gsub(/"/, ""); sub(/^  schedule: /, ""); when=$0} /^      name:/{name=$2} /^    uri:/{print name "|" when "|" $2}' \
  "$knative/overdue.yaml" | while IFS='|' read -r name schedule path; do
  there pubsub subscriptions describe "mayfly-steps-$name" ||
    run pubsub subscriptions create "mayfly-steps-$name" --topic mayfly-steps --ack-deadline 600 \
      --message-filter "attributes.\"ce-function\" = \"$name\"" --push-endpoint "$(url "$name")/steps" \
      --push-no-wrapper --push-no-wrapper-write-metadata --min-retry-delay 2s --max-retry-delay 60s \
      --expiration-period never --message-retention-duration 1h </dev/null
  there scheduler jobs describe "mayfly-$name-overdue" --location "$REGION" ||
    run scheduler jobs create http "mayfly-$name-overdue" --location "$REGION" --schedule "$schedule" \
      --uri "$(url "$name")$path" --http-method POST --attempt-deadline 60s </dev/null
done

echo "Done. Now: ./mayfly deploy --to cloud-run --project $PROJECT --region $REGION --key-file $key_file" \
  "--registry $REGION-docker.pkg.dev/$PROJECT/mayfly --function-url 'https://{name}-$number.$REGION.run.app{path}'"
