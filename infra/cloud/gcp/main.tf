# Mayfly on Google Cloud: Cloud Run, Firestore, Cloud Storage, Pub/Sub, Scheduler, Eventarc. See README.md, which also says
# what of this was tried.
terraform {
  required_version = ">= 1.5"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.14, < 8"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
}

module "functions" {
  source = "./functions"
}

data "google_project" "this" {}

locals {
  functions = module.functions.functions
  schedules = module.functions.schedules
  # Cloud Run's addresses are known before the services are: functions call each other by them.
  host = "${data.google_project.this.number}.${var.region}.run.app"
  url  = { for name in keys(local.functions) : name => "https://${name}-${local.host}" }
  variables = {
    GOOGLE_CLOUD_PROJECT = var.project
    MAYFLY_BUCKET        = google_storage_bucket.files.name
    MAYFLY_FUNCTION_URL  = "https://{name}-${local.host}{path}"
    MAYFLY_QUEUE         = "pubsub"
    MAYFLY_BROKER_URL    = "https://pubsub.googleapis.com/v1/${google_pubsub_topic.steps.id}"
    MAYFLY_WEB_URL       = var.web_url
  }
  secrets = {
    MAYFLY_STEP_SECRET = google_secret_manager_secret.held["mayfly-step-secret"].secret_id
    MAYFLY_FIRST_KEY   = google_secret_manager_secret.held["mayfly-first-key"].secret_id
  }
}

resource "google_project_service" "used" {
  for_each = toset([
    "artifactregistry", "cloudscheduler", "eventarc", "firebaserules", "firestore", "pubsub", "run", "secretmanager", "storage",
  ])
  service            = "${each.value}.googleapis.com"
  disable_on_destroy = false
}

# Where images go, before anything is made of them (README.md). Another registry may be named in its place.
resource "google_artifact_registry_repository" "images" {
  location      = var.region
  repository_id = "mayfly"
  format        = "DOCKER"
  depends_on    = [google_project_service.used]
}
