namespace Serverless.Keys.Tests;

public sealed class InMemoryMasterKeyStoreTests : MasterKeyStoreContract
{
    protected override Task<IMasterKeyStore> NewStoreAsync() => Task.FromResult<IMasterKeyStore>(new InMemoryMasterKeyStore());
}

public sealed class InMemoryKmsKeyStoreTests : KmsKeyStoreContract
{
    protected override Task<IKmsKeyStore> NewStoreAsync() => Task.FromResult<IKmsKeyStore>(new InMemoryKmsKeyStore());
}

public sealed class InMemoryGrantStoreTests : GrantStoreContract
{
    protected override Task<(IKmsKeyStore Keys, IGrantStore Grants)> NewStoresAsync()
    {
        var store = new InMemoryKmsKeyStore();
        return Task.FromResult<(IKmsKeyStore, IGrantStore)>((store, store));
    }
}

public sealed class InMemoryDigestKeyStoreTests : DigestKeyStoreContract
{
    protected override Task<IDigestKeyStore> NewStoreAsync() => Task.FromResult<IDigestKeyStore>(new InMemoryDigestKeyStore());
}
