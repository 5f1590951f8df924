#!/usr/bin/env bash
# One signed request to the bodies' API, with curl and openssl alone (RFC 9421, docs/api.md).
#
#   KEY=access.pem ENVIRONMENT=production ./signed-request.sh METHOD URL [FILE [HEADER...]]
#   KEY=access.pem ENVIRONMENT=demo ./signed-request.sh POST http://127.0.0.1:8001/v1/submissions results.json \
#       'Content-Type: application/json' 'Submission-Signature: 0oRD...'
#
# KEY is an Ed25519 key (openssl genpkey -algorithm ed25519 -out access.pem). Needs OpenSSL 3.
set -euo pipefail
method=$1 url=$2 file=${3:-} key=${KEY:?} environment=${ENVIRONMENT:?}
headers=("${@:4}")

# The key's id: the first four bytes, in hex, of the SHA-256 of the key as a COSE key (RFC 9679): its 32 bytes after a
# fixed head.
key_id=$(
  { printf '\xa3\x01\x01\x20\x06\x21\x58\x20'; openssl pkey -in "$key" -pubout -outform DER | tail -c 32; } |
    openssl dgst -sha256 -r | head -c 8
)

# The URL in parts: authority in lower case, path, and the query with its question mark (alone if there is none).
rest=${url#*://}
authority=$(printf %s "${rest%%/*}" | tr '[:upper:]' '[:lower:]')
target=/${rest#*/}
query=?
if [[ $target == *\?* ]]; then query=?${target#*\?}; fi

# With content: its digest (RFC 9530), and its length.
if [[ -n $file ]]; then
  headers+=("Content-Digest: sha-256=:$(openssl dgst -sha256 -binary "$file" | base64 -w0):")
  headers+=("Content-Length: $(wc -c < "$file" | tr -d ' ')")
fi

# The signature base: a line for each covered component, and the parameters last.
names='"@method" "@authority" "@path" "@query"'
base="\"@method\": $method"$'\n'"\"@authority\": $authority"$'\n'"\"@path\": ${target%%\?*}"$'\n'"\"@query\": $query"$'\n'
for header in "${headers[@]}"; do
  name=$(printf %s "${header%%:*}" | tr '[:upper:]' '[:lower:]')
  value=${header#*:}
  names+=" \"$name\""
  base+="\"$name\": ${value# }"$'\n'
done
nonce=$(openssl rand -hex 16)
parameters="($names);created=$(date +%s);nonce=\"$nonce\";keyid=\"$key_id\";alg=\"ed25519\";tag=\"certreg-api/$environment\""
base+="\"@signature-params\": $parameters"

# Ed25519 signs the whole base, so openssl wants it as a file.
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
printf %s "$base" > "$scratch"
signature=$(openssl pkeyutl -sign -inkey "$key" -rawin -in "$scratch" | base64 -w0)

arguments=(--silent --show-error --request "$method" --header "Signature-Input: sig1=$parameters" --header "Signature: sig1=:$signature:")
for header in "${headers[@]}"; do arguments+=(--header "$header"); done
if [[ -n $file ]]; then arguments+=(--data-binary "@$file"); fi
curl "${arguments[@]}" "$url"
