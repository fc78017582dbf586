using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Serverless.Access;

namespace Serverless.Keys;

/// <summary>Makes the key that a service manages for its users, one in each Region, when it is first used.</summary>
internal sealed class ManagedKeys(IKmsKeyStore store, KmsBackingKeys backing, KmsTrail trail, IOptions<ServiceIdentity> identity, TimeProvider time)
{
    /// <summary>The service that the managed key is for; nothing else may use it.</summary>
    public const string Service = "s3";

    private const string Description = "Default key that protects my S3 objects when no other key is defined";

    /// <summary>The alias of the Region's managed key for S3. Of several instances that make it at once, one does.</summary>
    public async ValueTask<KmsAlias> FindOrCreateAsync(string region, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await store.ReadAliasAsync(region, KmsAlias.ManagedS3, cancellationToken).ConfigureAwait(false) is { } known)
            {
                return known;
            }

            DateTimeOffset now = time.GetUtcNow();
            var key = new KmsKey
            {
                Region = region,
                AccountId = identity.Value.AccountId,
                Id = Guid.NewGuid().ToString(),
                Description = Description,
                Manager = KeyManager.Aws,
                CreatedAt = now,
                CurrentMaterialId = KmsBackingKeys.NewMaterialId(),
                RotationPeriodInDays = KmsKey.YearInDays,
                NextRotation = now.AddDays(KmsKey.YearInDays),
            };
            var alias = new KmsAlias(region, KmsAlias.ManagedS3, key.Id, now);
            KmsKeyVersion first = await backing.CreateAsync(key, key.CurrentVersion, key.CurrentMaterialId, cancellationToken).ConfigureAwait(false);
            await RecordAsync(key, cancellationToken).ConfigureAwait(false);
            if (await store.TryCreateKeyAsync(key, first, alias, cancellationToken).ConfigureAwait(false))
            {
                return alias;
            }
        }
    }

    private ValueTask RecordAsync(KmsKey key, CancellationToken cancellationToken)
    {
        var use = KeyUse.OfService(key.AccountId, key.Region);
        var call = new KmsCall(KmsOperation.CreateKey, use) { EventType = "AwsServiceEvent", Key = key };
        call.Parameters["description"] = key.Description;
        return trail.RecordAsync(call, cancellationToken);
    }
}
