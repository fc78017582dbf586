metadata description = 'The storage account: objects, tables and queues, reached with the app\'s identity alone.'

param name string
param location string
param tags object
param redundancy string

@description('The app\'s identity.')
param principalId string

param isPrivate bool
param endpointSubnetId string
param dnsZoneIds { service: string, zoneId: string }[]

var deploymentContainer = 'deployments'

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
var roles = {
  'Storage Blob Data Contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  'Storage Queue Data Contributor': '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  'Storage Table Data Contributor': '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }

  // Soft delete and versions would keep ciphertext and its wrapped data keys beyond their deletion: an object that is gone must be gone,
  // and a key version that is proved to be unreferenced must stay so.
  // No lifecycle rule either: what an object refers to and what an abandoned upload left are told apart by the app's own timer alone, and blocks that were never committed go by themselves after a week.
  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      changeFeed: { enabled: false }
      containerDeleteRetentionPolicy: { enabled: false }
      deleteRetentionPolicy: { enabled: false }
      isVersioningEnabled: false
      restorePolicy: { enabled: false }
    }

    resource deployments 'containers' = { name: deploymentContainer }
  }
}

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    scope: account
    name: guid(account.id, principalId, role.value)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
      description: role.key
    }
  }
]

module endpoints 'endpoint.bicep' = [
  for zone in isPrivate ? dnsZoneIds : []: {
    name: 'storage-${zone.service}'
    params: {
      name: '${name}-${zone.service}'
      location: location
      tags: tags
      serviceId: account.id
      group: zone.service
      subnetId: endpointSubnetId
      dnsZoneId: zone.zoneId
    }
  }
]

output name string = account.name
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${deploymentContainer}'
