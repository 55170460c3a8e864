#!/bin/sh
# retention-azure.sh ACCOUNT GROUP CONTAINER VAULT_KEY_URL - the storage plan of retention-setup.sh, in Azure's commands.
# UNTESTED: nothing that answers to these commands could be had where this was written.  Read it, try it on an account
# that may be thrown away, and note that a locked policy can be extended and never be shortened or removed.
#   the container: immutable for 2,192 days, locked, appends allowed (an append blob can grow, not change)
#   the account: versions, no public access, TLS 1.2, encrypted with a key of VAULT_KEY_URL, archived after 90 days
set -eu
[ $# -eq 4 ] || { echo "usage: retention-azure.sh ACCOUNT GROUP CONTAINER VAULT_KEY_URL" >&2; exit 2; }
account=$1 group=$2 container=$3 key=$4
: "${DAYS:=2192}"
vault=${key%/keys/*} name=${key#*/keys/} name=${name%%/*}

az storage account create --name "$account" --resource-group "$group" --sku Standard_GZRS --kind StorageV2 \
	--allow-blob-public-access false --min-tls-version TLS1_2 --assign-identity
az storage account update --name "$account" --resource-group "$group" --encryption-key-source Microsoft.Keyvault \
	--encryption-key-vault "$vault" --encryption-key-name "$name"
az storage account blob-service-properties update --account-name "$account" --resource-group "$group" --enable-versioning true
az storage container create --name "$container" --account-name "$account" --auth-mode login --public-access off
az storage container immutability-policy create --account-name "$account" --resource-group "$group" \
	--container-name "$container" --period "$DAYS" --allow-protected-append-writes true
etag=$(az storage container immutability-policy show --account-name "$account" --resource-group "$group" \
	--container-name "$container" --query etag --output tsv)
az storage container immutability-policy lock --account-name "$account" --resource-group "$group" \
	--container-name "$container" --if-match "$etag"
az storage account management-policy create --account-name "$account" --resource-group "$group" --policy '{"rules": [{
	"name": "archive", "enabled": true, "type": "Lifecycle", "definition": {
		"filters": {"blobTypes": ["blockBlob"]},
		"actions": {"baseBlob": {"tierToArchive": {"daysAfterModificationGreaterThan": 90}}}}}]}'
