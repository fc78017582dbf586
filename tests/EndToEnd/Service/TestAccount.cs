namespace Serverless.EndToEnd.Service;

/// <summary>The account that every service of these tests is started with.</summary>
internal static class TestAccount
{
    public const string Id = "111122223333";
    public const string Region = "us-east-1";
    public const string OtherRegion = "eu-central-1";
    public const string AccessKeyId = "AKIAENDTOENDTESTS001";
    public const string SecretAccessKey = "EndToEnd/Secret+AccessKey0123456789abcdef";
}
