metadata description = 'S3 server-side encryption on Azure Functions: everything that one deployment needs. Deployed again, it changes nothing that has not been changed here.'

targetScope = 'resourceGroup'

@description('What the names of all resources begin with: 3 to 12 lower-case letters and digits.')
@minLength(3)
@maxLength(12)
param name string

@description('Where everything is.')
param location string = resourceGroup().location

@description('Tags of all resources.')
param tags object = {}

@description('The AWS Region that the service answers as.')
param region string = 'us-east-1'

@description('The account in ARNs: 12 digits.')
@minLength(12)
@maxLength(12)
param accountId string

@description('The access key id of the root principal.')
@minLength(16)
@maxLength(128)
param rootAccessKeyId string

@description('The secret access key of the root principal: kept as a secret of the vault, and nowhere else.')
@minLength(16)
@secure()
param rootSecretAccessKey string

@description('Settings of the app beside those that this template makes, by their names in the README; they win.')
param appSettings object = {}

@description('Where the root key is: in software (RSA) or in the hardware module of a Premium vault (RSA-HSM).')
@allowed(['RSA', 'RSA-HSM'])
param rootKeyType string = 'RSA-HSM'

@description('How often the root key\'s pair is replaced, as an ISO 8601 duration; the keys under it are wrapped anew by the app.')
param rootKeyRotationPeriod string = 'P1Y'

@description('Redundancy of the storage account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param storageRedundancy string = 'Standard_ZRS'

@description('Memory of an instance in MiB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('The most instances that the app scales to.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 100

@description('Instances for HTTP that are always ready: without one, the first request after a pause waits for a cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 1

@description('Requests that one instance takes at once before another is added.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 64

@description('Whether the storage account and the vault are reached through private endpoints in a virtual network only.')
param privateNetwork bool = false

@description('The address space of the virtual network, at least a /24.')
param addressPrefix string = '10.20.0.0/24'

@description('Days that logs and traces are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Whom alerts are mailed to; none: alerts only show in the portal.')
param alertEmail string = ''

@description('The domain below which a bucket may be named in the host, as in BUCKET.s3.example.com; its names and certificates have to lead to the app. Empty: buckets are in the path only.')
param domain string = ''

@description('Where telemetry goes by OTLP, beside Application Insights: the address of a collector, or nothing.')
param otlpEndpoint string = ''

var suffix = uniqueString(resourceGroup().id, name)
var storageName = take('${name}${suffix}', 24)
var vaultName = take('${name}-${suffix}', 24)
var appName = '${name}-${suffix}'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-identity'
  location: location
  tags: tags
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  params: {
    name: name
    location: location
    tags: tags
    addressPrefix: addressPrefix
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: name
    location: location
    tags: tags
    retentionDays: logRetentionDays
    publisherPrincipalId: identity.properties.principalId
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: storageName
    location: location
    tags: tags
    redundancy: storageRedundancy
    principalId: identity.properties.principalId
    isPrivate: privateNetwork
    endpointSubnetId: network.?outputs.endpointSubnetId ?? ''
    dnsZoneIds: network.?outputs.storageDnsZoneIds ?? []
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: vaultName
    location: location
    tags: tags
    keyType: rootKeyType
    keyRotationPeriod: rootKeyRotationPeriod
    rootSecretAccessKey: rootSecretAccessKey
    principalId: identity.properties.principalId
    workspaceId: monitoring.outputs.workspaceId
    isPrivate: privateNetwork
    endpointSubnetId: network.?outputs.endpointSubnetId ?? ''
    dnsZoneId: network.?outputs.vaultDnsZoneId ?? ''
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    name: appName
    location: location
    tags: tags
    identityId: identity.id
    identityClientId: identity.properties.clientId
    storageName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    subnetId: network.?outputs.appSubnetId ?? ''
    appInsightsConnectionString: monitoring.outputs.connectionString
    region: region
    accountId: accountId
    rootAccessKeyId: rootAccessKeyId
    rootAccessKeyUri: vault.outputs.rootAccessKeyUri
    rootKeyUri: vault.outputs.keyUri
    domain: domain
    otlpEndpoint: otlpEndpoint
    settings: appSettings
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    appInsightsId: monitoring.outputs.appInsightsId
    email: alertEmail
  }
}

@description('The S3 endpoint.')
output endpoint string = 'https://${app.outputs.hostName}'

@description('The function app\'s name, for the deployment of its code.')
output appName string = app.outputs.name

@description('Lines to paste for the AWS CLI.')
output awsCli string[] = [
  'export AWS_ACCESS_KEY_ID=${rootAccessKeyId} AWS_DEFAULT_REGION=${region}'
  'export AWS_SECRET_ACCESS_KEY=$(az keyvault secret show --vault-name ${vaultName} --name root-secret-access-key --query value --output tsv)'
  'aws --endpoint-url https://${app.outputs.hostName} s3 ls'
]
