using System.Text;

namespace Serverless.Access;

/// <summary>A form whose policy is signed, and allows it.</summary>
/// <param name="Request">The request, as the signer's.</param>
/// <param name="Policy">The policy, whose limits of the file's length are still to be held to.</param>
public sealed record SignedForm(SignedRequest Request, PostPolicy Policy);

/// <summary>
/// Finds out who signed the policy in a browser's form, which stands for the signature of the request
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html).
/// </summary>
public sealed class FormAuthenticator(ICredentials credentials, TimeProvider time)
{
    public const string PolicyField = "policy";
    public const string SignatureField = "X-Amz-Signature";
    public const string AlgorithmField = "X-Amz-Algorithm";
    public const string CredentialField = "X-Amz-Credential";
    public const string DateField = "X-Amz-Date";
    public const string TokenField = "X-Amz-Security-Token";

    private const string CustomerKeyField = "x-amz-server-side-encryption-customer-key";

    /// <summary>How long a signing key, and with it a signature, is good for (sigv4 conditions of bucket policies, s3:signatureAge).</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    /// <summary>In the order in which S3 names the one that is missing.</summary>
    private static readonly string[] Required = [SignatureField, AlgorithmField, CredentialField, DateField, PolicyField];

    /// <summary>The fields that only Signature Version 2 has.</summary>
    private static readonly string[] Version2 = ["AWSAccessKeyId", "Signature"];

    /// <summary>
    /// Authenticates a form. The order of the checks is S3's: the fields that there must be, the credential, the signature over the policy as it was sent, and only then what the policy says.
    /// </summary>
    /// <param name="request">The request that carries the form.</param>
    /// <param name="fields">The form's fields, with the file's name in its place.</param>
    /// <param name="bucket">The bucket that it is posted to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where the form is not signed, so that the request is whose it was.</returns>
    /// <exception cref="AccessException">The form is malformed, its signature is not valid, or its policy does not allow it.</exception>
    public async ValueTask<SignedForm?> AuthenticateAsync(SignedRequest request, FormFields fields, string bucket, CancellationToken cancellationToken)
    {
        if (request.IsPresigned)
        {
            throw new AccessException(FormErrors.QueryNotSupported);
        }
        if (Version2.Any(name => fields.Find(name) is not null))
        {
            throw new AccessException(AccessErrors.UnsupportedSignature);
        }
        if (Required[..^1].All(name => fields.Find(name) is null))
        {
            return null;
        }
        if (!request.IsAnonymous)
        {
            throw new AccessException(AccessErrors.MultipleMechanisms);
        }
        if (Required.FirstOrDefault(name => fields.Find(name) is null) is { } missing)
        {
            throw new AccessException(FormErrors.MissingField(missing));
        }
        var (scope, signedAt) = ReadScope(fields);
        using var credential = await credentials.FindAsync(scope.AccessKeyId, cancellationToken)
            ?? throw new AccessException(AccessErrors.InvalidAccessKeyId(scope.AccessKeyId));
        if (fields.Find(TokenField) is not null)
        {
            throw new AccessException(AccessErrors.InvalidToken);
        }
        Verify(credential, scope, fields);

        var now = time.GetUtcNow();
        if (signedAt - now > AccessErrors.MaxSkew)
        {
            throw new AccessException(AccessErrors.NotYetValid(fields.Find(DateField)!, now));
        }
        if (now - signedAt > LongestLife)
        {
            throw new AccessException(FormErrors.PolicyExpired);
        }
        var policy = PostPolicy.Parse(fields.Find(PolicyField)!);
        policy.Judge(fields, bucket, now);
        return new(request.SignedByForm(credential.Principal, credential.Policies, scope, signedAt), policy);
    }

    private static (CredentialScope Scope, DateTimeOffset SignedAt) ReadScope(FormFields fields)
    {
        var (algorithm, text, date) = (fields.Find(AlgorithmField)!, fields.Find(CredentialField)!, fields.Find(DateField)!);
        if (algorithm != SigV4.Algorithm)
        {
            throw new AccessException(FormErrors.WrongAlgorithm(algorithm));
        }
        var scope = CredentialScope.Parse(text, detail => FormErrors.MalformedCredential(text, detail));
        if (scope.Service != "s3")
        {
            throw new AccessException(FormErrors.MalformedCredential(text, AccessErrors.IncorrectService(scope.Service)));
        }
        if (!SignatureClaim.TryParseTimestamp(date, out var signedAt))
        {
            throw new AccessException(FormErrors.MalformedDate(date));
        }
        return date.StartsWith(scope.Date, StringComparison.Ordinal)
            ? (scope, signedAt)
            : throw new AccessException(FormErrors.MalformedCredential(
                text, $"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{date[..8]}\"."));
    }

    private static void Verify(Credential credential, CredentialScope scope, FormFields fields)
    {
        Span<byte> key = stackalloc byte[SigV4.KeySize];
        Span<byte> signature = stackalloc byte[SigV4.HexSize];
        var (policy, provided) = (Encoding.UTF8.GetBytes(fields.Find(PolicyField)!), fields.Find(SignatureField)!);
        credential.DeriveKey(scope, key);
        try
        {
            SigV4.Sign(key, policy, signature);
            if (!SigV4.Matches(signature, provided))
            {
                // A policy may say which customer's key is to be used.
                var shown = fields.Find(CustomerKeyField) is null ? policy : [];
                throw new AccessException(AccessErrors.SignatureDoesNotMatch(scope.AccessKeyId, shown, provided, default));
            }
            credential.Verified(scope, key);
        }
        finally
        {
            key.Clear();
        }
    }
}
