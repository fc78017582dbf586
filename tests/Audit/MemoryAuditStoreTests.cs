using Serverless.Audit.Tests.Fakes;

namespace Serverless.Audit.Tests;

public sealed class MemoryAuditStoreTests : AuditStoreContract
{
    protected override IAuditStore Store { get; } = new MemoryAuditStore();
}
