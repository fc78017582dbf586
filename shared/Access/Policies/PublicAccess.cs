using System.Net.Sockets;

namespace Serverless.Access;

/// <summary>
/// What S3 calls public: an Allow to everybody that no condition confines to fixed values, those without a wildcard or a variable, of a few keys
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status).
/// </summary>
internal static class PublicAccess
{
    // Broader ranges of addresses are still the public.
    private const int BroadestIPv4 = 8, BroadestIPv6 = 32;

    private const string AccessPoint = "s3:dataaccesspointarn";

    private static readonly string[] ConfiningKeys =
    [
        "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourcevpc",
        "aws:sourcevpce", "aws:userid", "s3:dataaccesspointaccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ];

    public static bool IsGrantedBy(Statement statement) =>
        statement is { IsAllow: true, Principal.IsOpen: true } && !statement.Conditions.Any(Confines);

    private static bool Confines(Condition condition) => condition.NeedsKey && condition.Tests.All(test => test switch
    {
        AddressRange range => condition.Key is "aws:sourceip" && range.PrefixLength >= (range.Family is AddressFamily.InterNetwork ? BroadestIPv4 : BroadestIPv6),
        Pattern pattern when condition.Key is AccessPoint => pattern.IsFixed || NamesAccount(pattern),
        Pattern pattern => ConfiningKeys.Contains(condition.Key) && pattern.IsFixed,
        _ => false,
    });

    // The access point's name may be a wildcard, the account not.
    private static bool NamesAccount(Pattern arn) =>
        arn.Text.Split(':', 6) is [_, _, _, _, var account, _] && PrincipalName.IsAccount(account);
}
