using System.Collections.Concurrent;
using Serverless.Access;

namespace Serverless.Keys.Tests;

/// <summary>The principals that exist, by their ARNs.</summary>
public sealed class InMemoryPrincipals(params Principal[] principals) : IPrincipals
{
    private readonly ConcurrentDictionary<string, string> _ids = new(principals.ToDictionary(principal => principal.Arn, principal => principal.UserId));

    public void Add(Principal principal) => _ids[principal.Arn] = principal.UserId;

    public void Remove(Principal principal) => _ids.TryRemove(principal.Arn, out _);

    public ValueTask<string?> FindIdAsync(string arn, CancellationToken cancellationToken) => new(_ids.GetValueOrDefault(arn));
}
