namespace Serverless.Keys;

/// <summary>What policies and grants name principals by: an ARN, or the account's 12 digits for the ARN of its root.</summary>
internal static class PrincipalName
{
    private const int AccountIdLength = 12;

    public static string ArnOf(string name) =>
        name.Length == AccountIdLength && name.All(char.IsAsciiDigit) ? $"arn:aws:iam::{name}:root" : name;
}
