using Serverless.Access;
using Serverless.Access.Tests;

namespace Serverless.Storage.Tests;

[Collection(AzuriteCollection.Name)]
public sealed class TableIdentityStoreTests(AzuriteFixture azurite) : IdentityStoreContract
{
    protected override async Task<IIdentityStore> NewStoreAsync()
    {
        await azurite.Account.Tables.DeleteTableAsync(TableIdentityStore.TableName);
        return new TableIdentityStore(azurite.Account, new ServiceIdentity { AccountId = Account });
    }
}
