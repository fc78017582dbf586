namespace Serverless.Access;

/// <summary>What policies and grants name principals by: an ARN, or the account's 12 digits for the ARN of its root.</summary>
public static class PrincipalName
{
    private const int AccountIdLength = 12;

    /// <summary>Whether a text is an account's id, 12 digits.</summary>
    public static bool IsAccount(ReadOnlySpan<char> text) => text.Length == AccountIdLength && !text.ContainsAnyExceptInRange('0', '9');

    /// <summary>The ARN that a name stands for; what is neither ARN nor account stays as it is.</summary>
    public static string ArnOf(string name) =>
        IsAccount(name) ? $"arn:aws:iam::{name}:root" : name;
}
