namespace Serverless.Access;

/// <summary>Which Region and account this deployment answers as; settings <c>Service__Region</c> and <c>Service__AccountId</c>.</summary>
public sealed class ServiceIdentity
{
    /// <summary>The Region in ARNs, credential scopes and bucket locations.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>The account's 12 digits.</summary>
    public string AccountId { get; set; } = "000000000000";
}
