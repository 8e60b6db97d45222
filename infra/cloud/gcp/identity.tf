# Functions may read and write this project's documents, the files of one bucket, one topic and two secrets.
resource "google_service_account" "functions" {
  account_id   = "mayfly-functions"
  display_name = "Mayfly's functions"
}

# The pages ask functions with their reader's own session: this account may do nothing.
resource "google_service_account" "web" {
  account_id   = "mayfly-web"
  display_name = "Mayfly's pages"
}

resource "google_project_iam_member" "documents" {
  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.functions.member
}

resource "google_storage_bucket_iam_member" "files" {
  bucket = google_storage_bucket.files.name
  role   = "roles/storage.objectUser"
  member = google_service_account.functions.member
}

resource "google_pubsub_topic_iam_member" "steps" {
  topic  = google_pubsub_topic.steps.name
  role   = "roles/pubsub.publisher"
  member = google_service_account.functions.member
}

resource "google_secret_manager_secret_iam_member" "functions" {
  for_each  = toset(["mayfly-step-secret", "mayfly-first-key"])
  secret_id = google_secret_manager_secret.held[each.value].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.functions.member
}

resource "google_secret_manager_secret_iam_member" "web" {
  secret_id = google_secret_manager_secret.held["mayfly-web-secret"].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.web.member
}
