using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.Extensions.Options;
using Serverless.Encryption;

namespace Serverless.Access;

/// <summary>
/// CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey and GetAccessKeyLastUsed. Without a user's name they are about the caller; the root principal's key
/// is a setting, and is only listed.
/// </summary>
internal sealed class AccessKeyOperations(
    IamUsers users, IIdentityStore store, ISecretWrapping wrapping, ServiceIdentity identity, IOptions<AccessOptions> options, TimeProvider time)
{
    private const string Active = "Active";
    private const string Inactive = "Inactive";

    /// <summary>https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html</summary>
    private const int MaxKeys = 2;

    public async Task<IReadOnlyList<XElement>?> CreateAccessKeyAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var name = request.UserName;
        RequireNotRoot(call, name, accessKeyId: null);
        using var random = SecretKey.Generate();
        var (id, createdAt) = (UniqueId.NewAccessKeyId(), time.GetUtcNow());
        var userName = "";
        await users.ChangeAsync(call, name, async user =>
        {
            userName = user.Name;
            // An answer that was lost on the way may have told that the key is there.
            if (user.AccessKeys.Any(key => key.Id == id)) return null;
            if (user.AccessKeys.Count >= MaxKeys) throw new AccessException(IamErrors.QuotaExceeded("AccessKeysPerUser", MaxKeys));
            call.Response = new JsonObject
            {
                ["accessKey"] = new JsonObject
                {
                    ["userName"] = user.Name,
                    ["accessKeyId"] = id,
                    ["status"] = Active,
                    ["createDate"] = UserOperations.RecordedTime(createdAt),
                },
            };
            var wrapped = await wrapping.WrapAsync(random, id, user.Id, cancellationToken);
            return user with { AccessKeys = [.. user.AccessKeys, new AccessKey(id, wrapped, IsActive: true, createdAt)] };
        }, cancellationToken);

        // The one time that it is shown.
        using var secret = new AccessKeySecret(random);
        return
        [
            new("AccessKey",
                new XElement("UserName", userName),
                new XElement("AccessKeyId", id),
                new XElement("Status", Active),
                new XElement("SecretAccessKey", secret.Reveal()),
                new XElement("CreateDate", IsoTime.Of(createdAt))),
        ];
    }

    public async Task<IReadOnlyList<XElement>?> ListAccessKeysAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, marker, maxItems) = (request.UserName, request.Marker, request.MaxItems);
        if (name is null && call.Caller.Principal.Type is PrincipalType.Root)
        {
            return IamPage<string>.Of([options.Value.RootAccessKeyId], id => id, marker, maxItems)
                .ToResult("AccessKeyMetadata", id => new XElement[] { new("AccessKeyId", id), new("Status", Active) });
        }
        var user = await users.FindAsync(call, name, cancellationToken);
        return IamPage<AccessKey>.Of(user.AccessKeys, key => key.Id, marker, maxItems).ToResult("AccessKeyMetadata", key => new XElement[]
        {
            new("UserName", user.Name),
            new("AccessKeyId", key.Id),
            new("Status", key.IsActive ? Active : Inactive),
            new("CreateDate", IsoTime.Of(key.CreatedAt)),
        });
    }

    public async Task<IReadOnlyList<XElement>?> UpdateAccessKeyAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, id, isActive) = (request.UserName, request.AccessKeyId, request.IsActive);
        RequireNotRoot(call, name, id);
        await users.ChangeAsync(call, name, user =>
        {
            var key = Find(user, id);
            return new(key.IsActive == isActive ? null : user with { AccessKeys = [.. user.AccessKeys.Select(other => other == key ? key with { IsActive = isActive } : other)] });
        }, cancellationToken);
        return null;
    }

    public async Task<IReadOnlyList<XElement>?> DeleteAccessKeyAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (name, id) = (request.UserName, request.AccessKeyId);
        RequireNotRoot(call, name, id);
        await users.ChangeAsync(call, name, user =>
        {
            var key = Find(user, id);
            return new(user with { AccessKeys = [.. user.AccessKeys.Where(other => other != key)] });
        }, cancellationToken);
        return null;
    }

    /// <summary>Uses are noted every <see cref="AccessKeyUses.Precision"/>; those of the root principal's key are not.</summary>
    public async Task<IReadOnlyList<XElement>?> GetAccessKeyLastUsedAsync(IamRequest request, IamCall call, CancellationToken cancellationToken)
    {
        var (id, caller) = (request.AccessKeyId, call.Caller.Principal);
        if (id == options.Value.RootAccessKeyId)
        {
            users.Authorize(call, Principal.Root(identity.AccountId, id).Arn);
            return [LastUsed(null)];
        }
        // Whoever may not know is told nothing of whose the key is, nor whether it is there.
        return await store.FindOwnerAsync(id, cancellationToken) is { } owner
            && await store.FindUserAsync(owner.UserName, cancellationToken) is { } user && users.Decide(call, user.Arn, user).IsAllowed
            ? [new("UserName", user.Name), LastUsed(owner.LastUse)]
            : throw new AccessException(IamErrors.AccessKeyNotOurs(caller.Arn, id));
    }

    private static XElement LastUsed(AccessKeyUse? use) => new(
        "AccessKeyLastUsed",
        use is null ? null : new XElement("LastUsedDate", IsoTime.Of(use.At)),
        new XElement("ServiceName", use?.Service ?? "N/A"),
        new XElement("Region", use?.Region ?? "N/A"));

    private static AccessKey Find(User user, string accessKeyId) =>
        user.AccessKeys.FirstOrDefault(key => key.Id == accessKeyId) ?? throw new AccessException(IamErrors.AccessKeyNotFound(accessKeyId));

    /// <summary>Refuses the root principal a change to its own keys, of which it has one.</summary>
    private static void RequireNotRoot(IamCall call, string? userName, string? accessKeyId)
    {
        var caller = call.Caller.Principal;
        if (userName is null && caller.Type is PrincipalType.Root)
        {
            throw new AccessException(accessKeyId is null || accessKeyId == caller.AccessKeyId ? IamErrors.RootKeyIsASetting : IamErrors.AccessKeyNotFound(accessKeyId));
        }
    }
}
