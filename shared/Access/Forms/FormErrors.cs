namespace Serverless.Access;

/// <summary>
/// S3's answers to forms that are not signed as they must be, and to those that their policy does not allow: the texts that S3 was seen to send, and where none was, such
/// as tell what is wrong (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
/// </summary>
public static class FormErrors
{
    public static AccessError PolicyExpired { get; } = Violated("Policy expired.");

    public static AccessError InvalidJson { get; } = InvalidPolicy("Invalid JSON.");

    public static AccessError NotOneProperty { get; } =
        InvalidPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");

    public static AccessError NotAString { get; } = InvalidPolicy("Invalid Simple-Condition: value must be a string.");

    public static AccessError NoOperation { get; } = InvalidPolicy("Invalid Condition: missing operation identifier.");

    public static AccessError QueryNotSupported { get; } =
        new("InvalidRequest", 400, "Query string authentication is not supported for POST.");

    /// <summary>A field that a form cannot be without, or not before its file.</summary>
    public static AccessError MissingField(string name) => InvalidArgument(
        $"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields.", name, "");

    public static AccessError MalformedCredential(string credential, string detail) => InvalidArgument(detail, FormAuthenticator.CredentialField, credential);

    public static AccessError WrongAlgorithm(string algorithm) =>
        InvalidArgument("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"", FormAuthenticator.AlgorithmField, algorithm);

    public static AccessError MalformedDate(string date) => InvalidArgument("X-Amz-Date must be formated via ISO8601 Long format", FormAuthenticator.DateField, date);

    /// <param name="credential">The field as sent.</param>
    /// <param name="actual">The Region in it.</param>
    /// <param name="expected">The bucket's.</param>
    public static AccessError WrongRegion(string credential, string actual, string expected)
    {
        var error = MalformedCredential(credential, $"the region '{actual}' is wrong; expecting '{expected}'");
        return error with { Fields = [.. error.Fields, new("Region", expected)] };
    }

    public static AccessError InvalidPolicy(string detail) => new("InvalidPolicyDocument", 400, "Invalid Policy: " + detail);

    public static AccessError ConditionFailed(string condition) => Violated("Policy Condition failed: " + condition);

    public static AccessError ExtraFields(IEnumerable<string> names) => Violated("Extra input fields: " + string.Join(", ", names));

    private static AccessError Violated(string detail) => new("AccessDenied", 403, "Invalid according to Policy: " + detail);

    private static AccessError InvalidArgument(string message, string name, string value) =>
        new("InvalidArgument", 400, message) { Fields = [new("ArgumentName", name), new("ArgumentValue", value)] };
}
