namespace Serverless.Access;

/// <summary>
/// How operations reach users: what they read is permitted first, and what they change is decided on the state that is there, recorded, and only then written,
/// if the state is still that one.
/// </summary>
internal sealed class IamUsers(IIdentityStore store, UserCredentials credentials, IIamTrail trail, ServiceIdentity identity, TimeProvider time)
{
    /// <summary>How often a change is decided anew because somebody else was faster.</summary>
    private const int MaxAttempts = 5;

    /// <summary>Decides what a user is to be; null where it is that already.</summary>
    /// <exception cref="AccessException">It may not be changed so.</exception>
    public delegate ValueTask<User?> Decision(User user);

    /// <summary>The user of that name, or the caller where there is none, if the caller may do this to it.</summary>
    /// <exception cref="AccessException">It may not, or there is no such user.</exception>
    public async Task<User> FindAsync(IamCall call, string? name, CancellationToken cancellationToken)
    {
        var caller = call.Caller.Principal;
        if (name is null && caller.Type is not PrincipalType.IAMUser)
        {
            throw new AccessException(IamErrors.UserNameNeeded);
        }
        var user = await store.FindUserAsync(name ?? caller.UserName, cancellationToken);
        // A new user of the caller's name is another.
        if (name is null && user?.Id != caller.UserId)
        {
            user = null;
        }
        Authorize(call, user?.Arn ?? User.ArnOf(identity.AccountId, "/", name ?? caller.UserName), user);
        return user ?? throw new AccessException(IamErrors.UserNotFound(name ?? caller.UserName));
    }

    /// <summary>Requires the caller's permission for the call on a resource; notes the resource as the one concerned.</summary>
    /// <param name="call">The call.</param>
    /// <param name="arn">The user's ARN, or what stands for several.</param>
    /// <param name="user">The user, if it is there.</param>
    /// <exception cref="AccessException">The caller does not have it.</exception>
    public void Authorize(IamCall call, string arn, User? user = null)
    {
        call.UserArn = arn;
        Require(call, arn, user);
    }

    /// <summary>Requires the caller's permission for the call on a resource, beside the one that is noted as concerned.</summary>
    /// <exception cref="AccessException">The caller does not have it.</exception>
    public void Require(IamCall call, string arn, User? user)
    {
        if (Decide(call, arn, user) is { IsAllowed: false, Reason: var reason })
        {
            throw new AccessException(IamErrors.AccessDenied(call.Caller.Principal.Arn, ActionOf(call), arn, reason));
        }
    }

    /// <summary>Whether the caller has permission for the call on a resource.</summary>
    public AccessDecision Decide(IamCall call, string arn, User? user)
    {
        var conditions = new IamConditionKeys(call, user?.Tags ?? [], new GlobalConditionKeys(call.Caller, call.Region, time.GetUtcNow()));
        return AccessDecision.ByIdentity(new PolicyRequest(call.Caller.Principal, ActionOf(call), arn, conditions), call.Caller.Policies);
    }

    /// <summary>Adds a user, which the caller must be permitted to.</summary>
    public async Task CreateAsync(IamCall call, User user, CancellationToken cancellationToken)
    {
        Authorize(call, user.Arn);
        if (await store.FindUserAsync(user.Name, cancellationToken) is not null)
        {
            throw new AccessException(IamErrors.UserExists(user.Name));
        }
        await RecordAsync(call, cancellationToken);
        // What is in the way may be this very user: an answer that was lost on the way is asked for again.
        if (!await store.TryCreateAsync(user, cancellationToken) && (await store.FindUserAsync(user.Name, cancellationToken))?.Id != user.Id)
        {
            throw new AccessException(IamErrors.UserExists(user.Name));
        }
    }

    /// <summary>Changes a user.</summary>
    public Task ChangeAsync(IamCall call, string? name, Decision decide, CancellationToken cancellationToken) =>
        RepeatAsync(call, name, decide, store.TryChangeAsync, cancellationToken);

    /// <summary>Removes a user, if <paramref name="check"/> does not throw.</summary>
    public Task DeleteAsync(IamCall call, string name, Action<User> check, CancellationToken cancellationToken) => RepeatAsync(
        call,
        name,
        user =>
        {
            check(user);
            return new(user);
        },
        (seen, _, token) => store.TryDeleteAsync(seen, token),
        cancellationToken);

    private async Task RepeatAsync(
        IamCall call, string? name, Decision decide, Func<User, User, CancellationToken, ValueTask<bool>> write, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var seen = await FindAsync(call, name, cancellationToken);
            var changed = await decide(seen);
            if (attempt == 0)
            {
                await RecordAsync(call, cancellationToken);
            }
            if (changed is null)
            {
                return;
            }
            try
            {
                if (await write(seen, changed, cancellationToken))
                {
                    return;
                }
            }
            finally
            {
                // Also where the outcome is unknown.
                credentials.Forget(seen);
            }
        }
        throw new AccessException(IamErrors.ConcurrentModification);
    }

    private static string ActionOf(IamCall call) => "iam:" + call.Action;

    private async ValueTask RecordAsync(IamCall call, CancellationToken cancellationToken)
    {
        if (!await trail.TryRecordAsync(call.ToEvent(), cancellationToken))
        {
            throw new AccessException(IamErrors.AuditUnavailable);
        }
    }
}
