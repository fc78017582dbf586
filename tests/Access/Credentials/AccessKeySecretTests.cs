using System.Text;
using Serverless.Encryption;

namespace Serverless.Access.Tests;

public sealed class AccessKeySecretTests
{
    private static readonly CredentialScope Scope = new("AKID/20150830/us-east-1/iam/aws4_request", "AKID", "20150830", "us-east-1", "iam");

    [Fact]
    public void What_is_kept_of_a_secret_stands_for_forty_characters()
    {
        using var kept = SecretKey.Copy([.. Enumerable.Range(0, 32).Select(i => (byte)(255 - i))]);
        using var secret = new AccessKeySecret(kept);
        Assert.Equal(Convert.ToBase64String(kept.Bytes[..30]), secret.Reveal());
        Assert.Equal(AccessKeySecret.TextLength, secret.Reveal().Length);
        using var same = new AccessKeySecret(secret.Reveal());
        Assert.Equal(KeyOf(same), KeyOf(secret));
    }

    [Fact]
    public void The_derived_key_is_that_of_AWSs_example()
    {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
        using var secret = new AccessKeySecret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        Assert.Equal("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9", KeyOf(secret));
        secret.Keep(Scope, Convert.FromHexString(KeyOf(secret)));
        Assert.Equal("c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9", KeyOf(secret));
    }

    [Fact]
    public void A_secret_is_wiped_when_its_last_holder_is_done_and_not_before()
    {
        var secret = new AccessKeySecret("a secret of a test");
        Assert.True(secret.TryHold());
        secret.Dispose();
        Assert.Equal("a secret of a test", secret.Reveal());
        secret.Dispose();
        Assert.False(secret.TryHold());
        Assert.Equal(new string('\0', 18), secret.Reveal());
    }

    private static string KeyOf(AccessKeySecret secret)
    {
        var key = new byte[SigV4.KeySize];
        secret.DeriveKey(Scope, key);
        return Convert.ToHexStringLower(key);
    }
}
