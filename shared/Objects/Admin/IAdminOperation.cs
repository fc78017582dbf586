using System.Text.Json;

namespace Serverless.Objects.Admin;

/// <summary>One operation of the admin API. <see cref="AdminServices"/> has the table of all, and <c>infra/aws-cli</c> tells clients of them.</summary>
public interface IAdminOperation
{
    /// <summary>Its name in the API, in policies (<c>sse:NAME</c>) and on the audit trail.</summary>
    string Name { get; }

    /// <summary>Whether it changes nothing; then it is answered without the audit trail, which may be what one wants to look after.</summary>
    bool IsReadOnly { get; }

    /// <summary>The members that a request may have, none of which is a secret: what is given is on the audit trail.</summary>
    IReadOnlyList<string> Members { get; }

    /// <summary>
    /// Decides a call; if it changes anything, records it (<see cref="AdminTrail.RecordAsync"/>) and only then carries it out; and writes its answer, one JSON object.
    /// </summary>
    /// <exception cref="AdminException">It is refused.</exception>
    Task RunAsync(AdminRequest request, AdminCall call, Utf8JsonWriter answer, CancellationToken cancellationToken);
}
