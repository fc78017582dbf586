#!/usr/bin/env bash
# Tries an endpoint with the AWS CLI: an object goes in with SSE-S3 and with SSE-KMS and comes back as it was. Whatever it makes it removes.
# ENDPOINT says where, the AWS CLI's own environment who; without AWS_SECRET_ACCESS_KEY it is ROOT_SECRET_ACCESS_KEY's owner.
set -euo pipefail
: "${ENDPOINT:?is to be the address of the service}"
export AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-${ROOT_SECRET_ACCESS_KEY:-}} AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-${ROOT_ACCESS_KEY_ID:-AKIAEXAMPLEEXAMPLE00}}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-${SERVICE_REGION:-us-east-1}} AWS_MAX_ATTEMPTS=10 AWS_RETRY_MODE=standard
work=$(mktemp -d "${WORK:-${TMPDIR:-/tmp}}/smoke-XXXXXX")
bucket=smoke-test-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
s3() { aws --endpoint-url "$ENDPOINT" "$@"; }

head -c 1000000 /dev/urandom >"$work/sent"
s3 s3api create-bucket --bucket "$bucket" >/dev/null
trap 's3 s3 rb "s3://$bucket" --force >/dev/null || true; rm -rf "$work"' EXIT
for mode in AES256 aws:kms; do
    s3 s3 cp "$work/sent" "s3://$bucket/$mode" --sse "$mode" --only-show-errors
    s3 s3 cp "s3://$bucket/$mode" "$work/got" --only-show-errors
    cmp "$work/sent" "$work/got"
    [ "$(s3 s3api head-object --bucket "$bucket" --key "$mode" --query ServerSideEncryption --output text)" = "$mode" ]
    echo "$mode: what was put was got"
done
