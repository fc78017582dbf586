using 'main.bicep'

param name = readEnvironmentVariable('DEPLOYMENT_NAME', 'sse')
param region = readEnvironmentVariable('SERVICE_REGION', 'us-east-1')
param accountId = readEnvironmentVariable('SERVICE_ACCOUNT_ID')
param rootAccessKeyId = readEnvironmentVariable('ROOT_ACCESS_KEY_ID')
param rootSecretAccessKey = readEnvironmentVariable('ROOT_SECRET_ACCESS_KEY')
param rootKeyType = 'RSA-HSM'
param storageRedundancy = 'Standard_GZRS'
param privateNetwork = true
param alwaysReadyInstances = 2
param maximumInstanceCount = 200
param logRetentionDays = 365
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
