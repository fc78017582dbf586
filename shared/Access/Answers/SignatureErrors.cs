namespace Serverless.Access;

/// <summary>
/// A request that could not be authenticated, as the APIs beside S3 name it. The authenticator's errors are S3's own.
/// JSON: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html; query: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html.
/// </summary>
public static class SignatureErrors
{
    private const string UnknownKey = "The security token included in the request is invalid.";

    private const string Mismatch = "The request signature we calculated does not match the signature you provided. "
        + "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

    /// <summary>The error in the JSON APIs.</summary>
    public static AccessError ForJson(AccessError error) => error.Code switch
    {
        "InvalidAccessKeyId" or "InvalidToken" => new("UnrecognizedClientException", 400, UnknownKey),
        "SignatureDoesNotMatch" => new("InvalidSignatureException", 400, Mismatch),
        "RequestTimeTooSkewed" => new("InvalidSignatureException", 400, error.Message),
        "AuthorizationHeaderMalformed" or "AuthorizationQueryParametersError" => new("IncompleteSignatureException", 400, error.Message),
        "AccessDenied" => new("AccessDeniedException", 400, error.Message),
        "EntityTooLarge" => new("RequestEntityTooLargeException", 413, error.Message),
        "ServiceUnavailable" => new("ServiceUnavailableException", 503, error.Message),
        _ => new("ValidationException", error.Status, error.Message),
    };

    /// <summary>The error in the query APIs.</summary>
    public static AccessError ForQuery(AccessError error) => error.Code switch
    {
        "InvalidAccessKeyId" or "InvalidToken" => new("InvalidClientTokenId", 403, UnknownKey),
        "SignatureDoesNotMatch" => new("SignatureDoesNotMatch", 403, Mismatch),
        "RequestTimeTooSkewed" => new("SignatureDoesNotMatch", 403, error.Message),
        "AuthorizationHeaderMalformed" or "AuthorizationQueryParametersError" or "InvalidRequest" or "InvalidArgument" =>
            new("IncompleteSignature", 400, error.Message),
        "EntityTooLarge" => new("RequestEntityTooLarge", 413, error.Message),
        _ => new(error.Code, error.Status, error.Message),
    };
}
