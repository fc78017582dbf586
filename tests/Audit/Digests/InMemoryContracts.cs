using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests.Digests;

public sealed class MemoryDigestStoreTests : DigestStoreContract
{
    protected override Task<IDigestStore> NewStoreAsync() => Task.FromResult<IDigestStore>(new MemoryDigestStore());
}

public sealed class MemoryAuditArchiveTests : AuditArchiveContract
{
    protected override IAuditArchive Archive { get; } = new MemoryAuditArchive();
}
