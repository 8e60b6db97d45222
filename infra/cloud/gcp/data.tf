# Documents, files and secrets: what must survive.
resource "google_firestore_database" "documents" {
  name                              = "(default)"
  location_id                       = var.documents_location
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  depends_on                        = [google_project_service.used]
}

# The same file as the local emulator is started with, which refuses a query that lacks an index.
locals {
  indexes   = jsondecode(file("${path.module}/firestore.indexes.json")).indexes
  overrides = jsondecode(file("${path.module}/firestore.indexes.json")).fieldOverrides
}

# Records are looked for by values that are equal: the automatic indexes beyond that would only cost writes (README.md).
resource "google_firestore_field" "set" {
  for_each   = { for override in local.overrides : "${override.collectionGroup}.${override.fieldPath}" => override }
  database   = google_firestore_database.documents.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath
  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        query_scope  = try(indexes.value.queryScope, "COLLECTION")
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
      }
    }
  }
}

resource "google_firestore_index" "needed" {
  for_each    = { for index in local.indexes : sha1(jsonencode(index)) => index }
  database    = google_firestore_database.documents.name
  collection  = each.value.collectionGroup
  query_scope = try(each.value.queryScope, "COLLECTION")
  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)
    }
  }
}

# Nobody's browser or phone speaks to Firestore: rules are for those, and let nothing through.
resource "google_firebaserules_ruleset" "closed" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }
  depends_on = [google_firestore_database.documents]
}

resource "google_firebaserules_release" "closed" {
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.closed.name
}

resource "google_storage_bucket" "files" {
  name                        = "${var.project}-mayfly"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  soft_delete_policy {
    retention_duration_seconds = 604800
  }
}

resource "google_secret_manager_secret" "held" {
  for_each  = toset(["mayfly-step-secret", "mayfly-first-key", "mayfly-web-secret"])
  secret_id = each.value
  replication {
    auto {}
  }
  depends_on = [google_project_service.used]
}

resource "google_secret_manager_secret_version" "step_secret" {
  secret      = google_secret_manager_secret.held["mayfly-step-secret"].id
  secret_data = var.step_secret
}

resource "google_secret_manager_secret_version" "first_key" {
  secret      = google_secret_manager_secret.held["mayfly-first-key"].id
  secret_data = var.first_key_digest
}

resource "random_password" "web_secret" {
  length  = 43
  special = false
}

resource "google_secret_manager_secret_version" "web_secret" {
  secret      = google_secret_manager_secret.held["mayfly-web-secret"].id
  secret_data = random_password.web_secret.result
}
