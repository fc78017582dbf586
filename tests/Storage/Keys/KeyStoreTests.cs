using Serverless.Keys;
using Serverless.Keys.Tests;

namespace Serverless.Storage.Tests;

[Collection(AzuriteCollection.Name)]
public sealed class TableMasterKeyStoreTests(AzuriteFixture azurite) : MasterKeyStoreContract
{
    protected override async Task<IMasterKeyStore> NewStoreAsync()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableMasterKeyStore.TableName);
        return new TableMasterKeyStore(azurite.Account);
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class TableKmsKeyStoreTests(AzuriteFixture azurite) : KmsKeyStoreContract
{
    protected override async Task<IKmsKeyStore> NewStoreAsync()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableKmsKeyStore.TableName);
        return new TableKmsKeyStore(azurite.Account);
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class TableGrantStoreTests(AzuriteFixture azurite) : GrantStoreContract
{
    protected override async Task<(IKmsKeyStore Keys, IGrantStore Grants)> NewStoresAsync()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableKmsKeyStore.TableName);
        return (new TableKmsKeyStore(azurite.Account), new TableGrantStore(azurite.Account));
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class TableDigestKeyStoreTests(AzuriteFixture azurite) : DigestKeyStoreContract
{
    protected override async Task<IDigestKeyStore> NewStoreAsync()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableMasterKeyStore.TableName);
        return new TableDigestKeyStore(azurite.Account);
    }
}
