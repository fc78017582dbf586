metadata description = 'What somebody must be told: audit records that could not be written, a rotation that is overdue, requests that fail.'

param name string
param location string
param tags object
param workspaceId string
param appInsightsId string

@description('Whom to mail; empty: nobody.')
param email string

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: '${name}-alerts'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: take(name, 12)
    emailReceivers: [{ name: 'mail', emailAddress: email, useCommonAlertSchema: true }]
  }
}

// Metrics are those of the README, "Watching it".
var rules = [
  {
    name: 'audit-poison'
    title: 'Audit records could not be written'
    severity: 1
    query: 'AppMetrics | where Name == "sse.audit.poison.messages" | summarize Value = max(Max)'
    threshold: 0
  }
  {
    name: 'audit-lag'
    title: 'Audit records are written late'
    severity: 2
    query: 'AppMetrics | where Name == "sse.audit.lag" | summarize Value = max(Max)'
    threshold: 900
  }
  {
    name: 'audit-unsealed'
    title: 'Audit records are not sealed'
    severity: 1
    query: 'AppMetrics | where Name == "sse.audit.digest.age" | summarize Value = max(Max)'
    threshold: 14400
  }
  {
    name: 'rotation-overdue'
    title: 'The master key is older than its rotation allows'
    severity: 1
    query: 'AppMetrics | where Name == "sse.master_key.overdue" | summarize Value = max(Max)'
    threshold: 86400
  }
  {
    name: 'server-errors'
    title: 'More than one request in a hundred fails'
    severity: 2
    query: 'AppMetrics | where Name == "sse.request.duration" | extend Status = toint(Properties.status) | summarize Failed = sumif(ItemCount, Status >= 500 and Status != 501), All = sum(ItemCount) | extend Value = iff(All < 100, 0.0, 100.0 * Failed / All)'
    threshold: 1
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${name}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${rule.title}'
      description: rule.title
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'Value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
          }
        ]
      }
      actions: {
        actionGroups: empty(email) ? [] : [mail.id]
        customProperties: { applicationInsights: appInsightsId }
      }
    }
  }
]
