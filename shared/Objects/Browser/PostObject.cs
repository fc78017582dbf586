using Serverless.Access;
using Serverless.Objects.Api;
using Serverless.Objects.Buckets;
using Serverless.Objects.Operations;
using Serverless.Objects.Permissions;
using Serverless.Objects.Sse;

namespace Serverless.Objects.Browser;

/// <summary>
/// PostObject (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html): a PutObject by a browser's form, which is the form's signer's if its policy is signed, and for the
/// rest judged and stored alike. Everything but the file is known, and judged, before the file is read.
/// </summary>
public sealed class PostObject(FormAuthenticator authenticator, S3Authorizer authorizer, PutObject put, AuthenticationTrail failures, ServiceIdentity identity)
{
    private const string KeyField = "key";

    /// <summary>What a form may have beside the largest file: far more than its fields may.</summary>
    private const long MaxBesideFile = 1 << 20;

    public async Task HandleAsync(S3Request request, Bucket bucket)
    {
        var length = request.Payload.DecodedLength ?? throw new AccessException(AccessErrors.MissingContentLength);
        if (length > PutObject.MaxSize + MaxBesideFile) throw new S3Exception(S3Errors.EntityTooLarge(length, PutObject.MaxSize));
        using var form = await PostForm.ReadAsync(request.Http.Request.ContentType, request.Payload, request.Aborted).ConfigureAwait(false);
        var key = ReadKey(form.Fields);
        var signed = await AuthenticateAsync(request, form.Fields, bucket).ConfigureAwait(false);
        if (signed is not null && signed.Request.Region != identity.Region && signed.Request.Region != bucket.Region)
            throw new AccessException(FormErrors.WrongRegion(form.Fields.Find(FormAuthenticator.CredentialField)!, signed.Request.Region, bucket.Region));

        var posted = request with { Signed = signed?.Request ?? request.Signed, Key = key, Headers = FormHeaders.Of(form.Fields) };
        await authorizer.AuthorizeAsync(S3Operation.PostObject, posted, bucket).ConfigureAwait(false);
        form.File.Least = signed?.Policy.LeastLength ?? 0;
        form.File.Most = Math.Min(signed?.Policy.MostLength ?? long.MaxValue, PutObject.MaxSize);
        var stored = await put.StoreAsync(posted, bucket, form.File, form.File.MostLength).ConfigureAwait(false);
        // Unlike PutObject, it does not repeat the encryption context.
        posted.Response.Headers.Remove(SseHeaders.Context);
        await PostAnswer.WriteAsync(posted, form.Fields, stored).ConfigureAwait(false);
    }

    private async ValueTask<SignedForm?> AuthenticateAsync(S3Request request, FormFields fields, Bucket bucket)
    {
        try
        {
            return await authenticator.AuthenticateAsync(request.Signed, fields, bucket.Name, request.Aborted).ConfigureAwait(false);
        }
        catch (AccessException refused)
        {
            var claim = ClaimedCredential.Of(fields);
            var caller = request.Caller with { Principal = Principal.Unverified(claim.AccessKeyId), Policies = [] };
            var operation = ClaimedOperation.OfS3(request.Http.Request, new(bucket.Name, "", request.IsBucketInHost), request.Signed.Target.Query);
            await failures.RecordAsync(caller, operation, claim.Method, refused.Error).ConfigureAwait(false);
            throw;
        }
    }

    private static string ReadKey(FormFields fields)
    {
        var key = fields.Find(KeyField) ?? throw new AccessException(FormErrors.MissingField(KeyField));
        if (key.Length == 0) throw new S3Exception(PostErrors.EmptyKey);
        ObjectKey.RequireSize(key);
        return key;
    }
}
