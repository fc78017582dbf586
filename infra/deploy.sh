#!/usr/bin/env bash
# Deploys the service: a resource group, what infra/main.bicep describes, the function app's code; then tries it with the AWS CLI.
# Run again, it changes what has changed.
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: infra/deploy.sh --resource-group NAME [--location LOCATION] [--parameters FILE] [--what-if] [--dry-run] [--no-smoke-test]

  --resource-group NAME   where everything goes; it is made if it is not there
  --location LOCATION     of a resource group that is made (westeurope)
  --parameters FILE       infra/dev.bicepparam (the default), infra/prod.bicepparam, or one of your own; what they take from the environment has to be there:
                          ROOT_SECRET_ACCESS_KEY, and for prod SERVICE_ACCOUNT_ID, ROOT_ACCESS_KEY_ID, ALERT_EMAIL
  --what-if               says what the deployment would change, and ends
  --dry-run               says what it would do, and does nothing
  --no-smoke-test         leaves the try with the AWS CLI out
USAGE
}

resource_group='' location=westeurope parameters=infra/dev.bicepparam what_if='' dry_run='' smoke_test=yes
while [ $# -gt 0 ]; do
    case $1 in
        --resource-group | --location | --parameters)
            [ $# -gt 1 ] || { echo "deploy.sh: $1 needs a value" >&2; exit 2; }
            declare "$(tr - _ <<<"${1#--}")=$2"
            [ "$1" != --parameters ] || parameters_given=yes
            shift 2 ;;
        --what-if) what_if=yes; shift ;;
        --dry-run) dry_run=yes; shift ;;
        --no-smoke-test) smoke_test=''; shift ;;
        --help | -h) usage; exit ;;
        *) echo "deploy.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
    esac
done
[ -n "$resource_group" ] || { echo 'deploy.sh: --resource-group is missing' >&2; usage >&2; exit 2; }
[ -z "${parameters_given:-}" ] || parameters=$(realpath "$parameters")
cd "$(dirname "$0")/.."
[ -f "$parameters" ] || { echo "deploy.sh: there is no file $parameters" >&2; exit 2; }

# Says each command before it runs; in a dry run, instead. What is secret is never an argument.
run() {
    printf '+' >&2
    printf ' %q' "$@" >&2
    printf '\n' >&2
    [ -n "$dry_run" ] || "$@"
}

needed=(az dotnet zip)
[ -z "$smoke_test" ] || needed+=(aws)
if [ -z "$dry_run" ]; then
    for program in "${needed[@]}"; do
        command -v "$program" >/dev/null || { echo "deploy.sh: $program is not installed" >&2; exit 1; }
    done
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "== Resource group $resource_group"
run az group create --name "$resource_group" --location "$location" --output none

if [ -n "$what_if" ]; then
    run az deployment group what-if --resource-group "$resource_group" --parameters "$parameters"
    exit
fi

echo "== What $parameters describes"
run az deployment group create --name sse --resource-group "$resource_group" --parameters "$parameters" --output none
output() {
    if [ -n "$dry_run" ]; then echo "<$1>"; else az deployment group show --name sse --resource-group "$resource_group" --query "properties.outputs.$1.value" --output tsv; fi
}
app=$(output appName) endpoint=$(output endpoint)

echo "== Code of the app $app"
run dotnet publish functions --configuration Release -p:FunctionsHost=Azure --runtime linux-x64 --no-self-contained --artifacts-path "$work/build" --output "$work/app" --nologo --verbosity quiet
# With the folder .azurefunctions, which a * would leave out.
run bash -c 'cd "$1/app" && zip --quiet --recurse-paths "$1/app.zip" .' zip "$work"
run az functionapp deployment source config-zip --resource-group "$resource_group" --name "$app" --src "$work/app.zip" --output none

if [ -n "$smoke_test" ]; then
    echo "== A try with the AWS CLI"
    run env ENDPOINT="$endpoint" WORK="$work" bash infra/smoke-test.sh
fi

echo "== $endpoint"
output awsCli
