namespace Serverless.Access.Tests;

public sealed class InMemoryIdentityStoreTests : IdentityStoreContract
{
    protected override Task<IIdentityStore> NewStoreAsync() => Task.FromResult<IIdentityStore>(new InMemoryIdentityStore());
}
