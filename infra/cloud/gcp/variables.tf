variable "project" {
  type        = string
  description = "The project that all of it belongs to."
}

variable "region" {
  type        = string
  description = "Of the functions, the bucket and the schedules, such as europe-west1."
}

variable "documents_location" {
  type        = string
  description = "Of Firestore: it can never be changed. A multi-region, such as eur3, survives the loss of one."
}

variable "registry" {
  type        = string
  description = "Where the images are, with a path: REGION-docker.pkg.dev/PROJECT/mayfly."
}

variable "tag" {
  type        = string
  description = "Of the images."
}

variable "web_url" {
  type        = string
  description = "Where the pages are: links in mails lead there."
}

variable "step_secret" {
  type        = string
  sensitive   = true
  description = "What signs calls between functions: 32 random bytes and more."
}

variable "first_key_digest" {
  type        = string
  sensitive   = true
  description = "The SHA-256 of the first API key, in hexadecimal digits."
  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.first_key_digest))
    error_message = "64 hexadecimal digits are wanted, not the key itself."
  }
}
