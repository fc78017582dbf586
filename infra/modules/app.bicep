metadata description = 'The function app on Flex Consumption, and all of its settings.'

param name string
param location string
param tags object

@description('The identity for the storage account, the vault and telemetry.')
param identityId string
param identityClientId string

param storageName string

@description('Where the deployed package is kept.')
param deploymentContainerUrl string

param instanceMemoryMB int
param maximumInstanceCount int
param alwaysReadyInstances int
param httpConcurrency int

@description('The subnet that the app goes out through; empty for none.')
param subnetId string

param appInsightsConnectionString string
param region string
param accountId string
param rootAccessKeyId string
@description('Where the vault keeps the rest of the root principal\'s access key.')
param rootAccessKeyUri string
param rootKeyUri string
param domain string
param otlpEndpoint string

@description('More settings; they win.')
param settings object

// Every setting that the app reads, so that what a deployment does can be read here; the README explains them.
var ownSettings = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsDisableHomepage: 'true'
  // The host takes requests of up to 100 MiB; larger objects come in parts.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '104857600'
  APPLICATIONINSIGHTS_CONNECTION_STRING: appInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identityClientId}'

  Service__Region: region
  Service__AccountId: accountId
  Access__RootAccessKeyId: rootAccessKeyId
  Access__RootSecretAccessKey: '@Microsoft.KeyVault(SecretUri=${rootAccessKeyUri})'
  // The platform's front end gives the path as the client sent it, which signatures are over, and overwrites what a client sends in its place.
  Access__RawTarget: 'FrontEnd'

  RootKey__Provider: 'KeyVault'
  RootKey__KeyUri: rootKeyUri
  RootKey__Algorithm: 'Rsa'
  RootKey__ClientId: identityClientId

  BucketKeys__LifetimeSeconds: '60'
  S3__Domain: domain
  S3__BlockSseCOnNewBuckets: 'true'
  S3__BlockPublicAccessOnNewBuckets: 'true'
  Audit__Scope: 'Kms'
  Audit__DigestSchedule: '0 12 * * * *'
  Audit__RetentionDays: '400'

  Rotation__MasterKeySchedule: '0 0 * * * *'
  Rotation__RewrapSchedule: '0 30 * * * *'
  Rotation__RewrapMaxObjectsPerSecond: '0'
  Rotation__RetireAfterDays: ''
  Rotation__RootKeySchedule: '0 45 4 * * *'
  Rotation__MasterKeyMaxAgeDays: '90'
  Rotation__MasterKeyMaxWraps: '1073741824'
  Keys__Schedule: '0 */10 * * * *'
  Keys__KeepKeysInUse: 'false'
  Monitoring__Schedule: '0 */5 * * * *'
  Uploads__ReclaimSchedule: '0 15 3 * * *'
  Uploads__AbandonedAfterDays: '7'
}

var otlpSettings = empty(otlpEndpoint) ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint }

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: '${name}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      appSettings: map(
        items(union(ownSettings, otlpSettings, settings)),
        setting => { name: setting.key, value: setting.value }
      )
    }
  }

  // Code comes with an identity of Microsoft Entra's, never with a password.
  resource scmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

output name string = app.name
output hostName string = app.properties.defaultHostName
