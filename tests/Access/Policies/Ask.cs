using Microsoft.Extensions.Primitives;

namespace Serverless.Access.Tests;

/// <summary>Requests for policies to judge.</summary>
internal static class Ask
{
    public const string Account = "111122223333";

    public static readonly Principal Alice = User("alice");

    public static readonly Principal Root = Principal.Root(Account, null);

    public static Principal User(string name, string account = Account) =>
        new(PrincipalType.IAMUser, $"arn:aws:iam::{account}:user/{name}", account, name, null) { UserId = "AIDA" + name.ToUpperInvariant() };

    public static PolicyRequest For(Principal principal, string action, string resource, params (string Key, StringValues Values)[] keys) =>
        new(principal, action, resource, new Keys(keys));

    public static PolicyRequest Get(Principal principal, params (string Key, StringValues Values)[] keys) =>
        For(principal, "s3:GetObject", "arn:aws:s3:::bucket/key", keys);

    public static PolicyRequest Put(Principal principal, params (string Key, StringValues Values)[] keys) =>
        For(principal, "s3:PutObject", "arn:aws:s3:::bucket/key", keys);

    public static Policy BucketPolicy(string statements) =>
        Policy.ForBucket($$"""{ "Version": "2012-10-17", "Statement": {{statements}} }""", "arn:aws:s3:::bucket");

    public static Policy UserPolicy(string statements) =>
        Policy.ForIdentity($$"""{ "Version": "2012-10-17", "Statement": {{statements}} }""");

    public sealed class Keys(params (string Key, StringValues Values)[] keys) : IConditionKeys
    {
        public StringValues? Find(string key)
        {
            Assert.Equal(key.ToLowerInvariant(), key);
            foreach (var (name, values) in keys)
            {
                if (name.Equals(key, StringComparison.OrdinalIgnoreCase))
                {
                    return values;
                }
            }
            return null;
        }
    }
}
