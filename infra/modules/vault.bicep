metadata description = 'The vault: the root key, which never leaves it, and the secret of the root principal\'s access key.'

param name string
param location string
param tags object
param keyType string
param keyRotationPeriod string

@secure()
param rootSecretAccessKey string

@description('The app\'s identity.')
param principalId string

param workspaceId string
param isPrivate bool
param endpointSubnetId string
param dnsZoneId string

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
var cryptoUser = '12338af0-0e69-4776-bea7-57ae8d297424'
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: keyType == 'RSA-HSM' ? 'premium' : 'standard' }
    enableRbacAuthorization: true
    // Whoever loses the root key loses every object: nobody can purge it.
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      // Setting references are read by the platform.
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }

  resource rootKey 'keys' = {
    name: 'root-key'
    tags: tags
    properties: {
      kty: keyType
      keySize: 3072
      // What anybody could wrap with the public half is told apart by a signature.
      keyOps: ['wrapKey', 'unwrapKey', 'sign', 'verify']
      attributes: { enabled: true, exportable: false }
      rotationPolicy: {
        lifetimeActions: [{ action: { type: 'rotate' }, trigger: { timeAfterCreate: keyRotationPeriod } }]
      }
    }
  }

  resource rootSecret 'secrets' = {
    name: 'root-secret-access-key'
    tags: tags
    properties: { value: rootSecretAccessKey, contentType: 'secret access key' }
  }
}

resource mayWrap 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault::rootKey
  name: guid(vault::rootKey.id, principalId, cryptoUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', cryptoUser)
    description: 'Key Vault Crypto User'
  }
}

resource mayReadSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault::rootSecret
  name: guid(vault::rootSecret.id, principalId, secretsUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    description: 'Key Vault Secrets User'
  }
}

resource uses 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'uses'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

module endpoint 'endpoint.bicep' = if (isPrivate) {
  name: 'vault-endpoint'
  params: {
    name: '${name}-vault'
    location: location
    tags: tags
    serviceId: vault.id
    group: 'vault'
    subnetId: endpointSubnetId
    dnsZoneId: dnsZoneId
  }
}

@description('The root key\'s identifier without a version: the newest one wraps.')
output keyUri string = vault::rootKey.properties.keyUri
output rootAccessKeyUri string = vault::rootSecret.properties.secretUri
