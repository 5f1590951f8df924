#!/usr/bin/env bash
# The whole road with curl and openssl alone: draft, check, faults, settled content, signature, receipt (docs/api.md).
#
#   KEY=access.pem SUBMISSION_KEY=submission.pem ENVIRONMENT=production ./whole-road.sh https://register.example results.json
#
# Prints the faults and ends with 1, or prints the submission's id. Needs OpenSSL 3, and signed-request.sh beside it.
set -euo pipefail
url=$1 results=$2 key=${SUBMISSION_KEY:?} environment=${ENVIRONMENT:?}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

ask() { "$here/signed-request.sh" "$@"; }

# The value of a member of a JSON object, where it is a text or a number.
member() { { grep -o "\"$1\": *\"\{0,1\}[^,\"}]*" || true; } | head -n 1 | sed 's/^[^:]*: *"\{0,1\}//'; }

# Go on if the answer has a status that is expected now; else show the answer, and end.
expect() {
  local status; status=$(member status <<< "$1")
  [[ $status =~ ^($2)$ ]] || { printf '%s\n' "$1" >&2; exit 1; }
}

wait_for_worker() {
  while state=$(ask GET "$url/v1/drafts/$draft") && [[ $(member status <<< "$state") =~ ^(received|signed)$ ]]; do sleep 1; done
  expect "$state" "$1"
}

# A text (0x60) or byte string (0x40) in CBOR, in hex, of less than 256 bytes given in hex.
item() {
  local size=$((${#2} / 2))
  if ((size < 24)); then printf '%02x%s' $(($1 + size)) "$2"; else printf '%02x%02x%s' $(($1 + 24)) "$size" "$2"; fi
}
hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() { printf '%b' "$(sed 's/../\\x&/g' <<< "$1")"; }

# 1. The draft. The same file again is the same draft; the Idempotency-Key lets a lost answer be asked for again.
answer=$(ask POST "$url/v1/drafts" "$results" 'Content-Type: application/json' "Idempotency-Key: \"$(openssl rand -hex 16)\"")
expect "$answer" 'received|faulty|ready|signed|submitted'
draft=$(member id <<< "$answer")

# 2. A worker checks it. Faults are told in the words of the file.
wait_for_worker 'faulty|ready|submitted'
if [[ $(member status <<< "$state") == faulty ]]; then ask GET "$url/v1/drafts/$draft/faults"; exit 1; fi
if [[ $(member status <<< "$state") == submitted ]]; then member submission_id <<< "$state"; exit; fi

# 3. What is to be signed: its digest must be the one that the draft names.
ask GET "$url/v1/drafts/$draft/settled" > "$scratch/settled.json"
digest=$(openssl dgst -sha256 -r "$scratch/settled.json" | cut -d ' ' -f 1)
[[ $digest == "$(member settled_sha256 <<< "$state")" ]] || { echo "another content than the draft's" >&2; exit 1; }

# 4. The claim (body, media type, digest), and COSE's Sig_structure around it (docs/formats.md, 2 and 9).
issuer=$(member issuer < "$scratch/settled.json")
claim=8401$(item 96 "$(printf %s "$issuer" | hex)")$(item 96 "$(printf application/json | hex)")$(item 64 "$digest")
public=$(openssl pkey -in "$key" -pubout -outform DER | tail -c 32 | hex)
key_id=$(bytes "a301012006215820$public" | openssl dgst -sha256 -r | head -c 8)
protected=$(item 64 "a201320444$key_id")
aad=$(item 64 "$(printf %s "certreg/$environment/submission/1" | hex)")
bytes "84$(item 96 "$(printf Signature1 | hex)")$protected$aad$(item 64 "$claim")" > "$scratch/to-be-signed"
signature=$(openssl pkeyutl -sign -inkey "$key" -rawin -in "$scratch/to-be-signed" | hex)
signed=$(bytes "d284${protected}a0f6$(item 64 "$signature")" | base64 -w0 | tr '+/' '-_' | tr -d '=')
printf '{"signature":"%s"}' "$signed" > "$scratch/signature.json"

# 5. Handed back, it counts; a worker hands the content in.
answer=$(ask PUT "$url/v1/drafts/$draft/signature" "$scratch/signature.json" 'Content-Type: application/json')
expect "$answer" 'signed|submitted'
wait_for_worker submitted
member submission_id <<< "$state"
