metadata description = 'A private endpoint of one service, and its name in the DNS zone.'

param name string
param location string
param tags object

@description('The resource that is reached through it.')
param serviceId string

@description('Which of the resource\'s services: blob, queue, table, vault.')
param group string

param subnetId string
param dnsZoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [{ name: name, properties: { privateLinkServiceId: serviceId, groupIds: [group] } }]
  }

  resource dns 'privateDnsZoneGroups' = {
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: group, properties: { privateDnsZoneId: dnsZoneId } }] }
  }
}
