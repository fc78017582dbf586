namespace Serverless.Keys.Tests;

public sealed class InMemoryMasterKeyStoreTests : MasterKeyStoreContract
{
    protected override Task<IMasterKeyStore> NewStoreAsync() => Task.FromResult<IMasterKeyStore>(new InMemoryMasterKeyStore());
}

public sealed class InMemoryKmsKeyStoreTests : KmsKeyStoreContract
{
    protected override Task<IKmsKeyStore> NewStoreAsync() => Task.FromResult<IKmsKeyStore>(new InMemoryKmsKeyStore());
}
