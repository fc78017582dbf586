using 'main.bicep'

// For trying out: everything is made anew by the next deployment, and nothing is kept ready.
param name = 'ssedev'
param accountId = '000000000000'
param rootAccessKeyId = 'AKIAEXAMPLEEXAMPLE00'
param rootSecretAccessKey = readEnvironmentVariable('ROOT_SECRET_ACCESS_KEY')
param rootKeyType = 'RSA'
param storageRedundancy = 'Standard_LRS'
param alwaysReadyInstances = 0
param maximumInstanceCount = 40
param logRetentionDays = 30
