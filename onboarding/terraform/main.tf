# Roletrail in a target account, and the roles people take there. The same as ../account.yaml and ../role.yaml.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "issuer" {
  description = "Host name of Roletrail's issuer, without https://"
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9.-]+$", var.issuer))
    error_message = "A host name alone, as issuer.example.com."
  }
}

variable "security_account" {
  description = "The account that Roletrail runs in"
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.security_account))
    error_message = "Twelve digits."
  }
}

variable "stage" {
  description = "The stage that was deployed (sst deploy --stage ...)"
  type        = string
  default     = "production"
}

variable "roles" {
  description = "Roles people take, by name: what they may do, how long, which tags access.yaml gives them"
  type = map(object({
    managed_policy_arns = list(string)
    max_session_seconds = optional(number, 3600)
    tags                = optional(list(string), [])
  }))
  default = {}
  validation {
    # Part of the token's subject, so nothing that a pattern would read as more than itself.
    condition     = alltrue([for name in keys(var.roles) : can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", name))])
    error_message = "A role's name without * and ?."
  }
}

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  functions = "arn:${local.partition}:iam::${var.security_account}:role/roletrail-${var.stage}"
  own_roles = "arn:${local.partition}:iam::${local.account}:role"
}

resource "aws_iam_openid_connect_provider" "roletrail" {
  url            = "https://${var.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "reader" {
  name                 = "RoletrailReader"
  description          = "Roletrail looks at roles and their trust"
  max_session_duration = 3600
  assume_role_policy = templatefile("${path.module}/taken-by.json.tftpl", {
    functions = jsonencode(["${local.functions}-mint", "${local.functions}-read", "${local.functions}-revoke"])
  })
}

resource "aws_iam_role_policy" "reader" {
  name   = "all"
  role   = aws_iam_role.reader.id
  policy = templatefile("${path.module}/may.json.tftpl", { roles = local.own_roles, writes = false })
}

resource "aws_iam_role" "revoker" {
  name                 = "RoletrailRevoker"
  description          = "Roletrail ends sessions by writing AWSRevokeOlderSessions"
  max_session_duration = 3600
  assume_role_policy = templatefile("${path.module}/taken-by.json.tftpl", {
    functions = jsonencode(["${local.functions}-revoke"])
  })
}

resource "aws_iam_role_policy" "revoker" {
  name   = "all"
  role   = aws_iam_role.revoker.id
  policy = templatefile("${path.module}/may.json.tftpl", { roles = local.own_roles, writes = true })
}

resource "aws_iam_role" "taken" {
  for_each             = var.roles
  name                 = each.key
  max_session_duration = each.value.max_session_seconds
  assume_role_policy = templatefile("${path.module}/trust.json.tftpl", {
    partition = local.partition
    account   = local.account
    issuer    = var.issuer
    role      = each.key
    tag_keys  = jsonencode(concat(["RoletrailMint"], each.value.tags))
  })
}

resource "aws_iam_role_policy_attachment" "taken" {
  for_each = merge([
    for name, role in var.roles : { for arn in role.managed_policy_arns : "${name} ${arn}" => { role = name, arn = arn } }
  ]...)
  role       = aws_iam_role.taken[each.value.role].name
  policy_arn = each.value.arn
}

output "revoker" {
  description = "access.yaml: accounts[].revoker"
  value       = aws_iam_role.revoker.arn
}

output "reader" {
  description = "access.yaml: accounts[].reader"
  value       = aws_iam_role.reader.arn
}

output "roles" {
  description = "access.yaml: roles[].arn"
  value       = { for name, role in aws_iam_role.taken : name => role.arn }
}
