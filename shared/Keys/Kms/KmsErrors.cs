using Serverless.Access;

namespace Serverless.Keys;

/// <summary>
/// Every error of the KMS API, worded as AWS words it where AWS's wording is known (its recorded answers, and the errors of each operation in
/// https://docs.aws.amazon.com/kms/latest/APIReference/). Where AWS answers an empty message this says something: clients show it to people.
/// </summary>
public static class KmsErrors
{
    private const string PatternConstraint = "Member must satisfy regular expression pattern: ";

    public static KmsError InvalidKeyId(string keyId) => new("NotFoundException", $"Invalid keyId '{keyId}'");

    public static KmsError InvalidRegion(string region) => new("NotFoundException", $"Invalid arn {region}");

    public static KmsError KeyNotFound(string arn) => new("NotFoundException", $"Key '{arn}' does not exist");

    public static KmsError AliasNotFound(string arn) => new("NotFoundException", $"Alias {arn} is not found.");

    public static KmsError Disabled(string arn) => new("DisabledException", $"{arn} is disabled.");

    public static KmsError PendingDeletion(string arn) => new("KMSInvalidStateException", $"{arn} is pending deletion.");

    public static KmsError NotPendingDeletion(string arn) => new("KMSInvalidStateException", $"{arn} is not pending deletion.");

    /// <summary>A deletion that is put off; AWS has no such thing.</summary>
    /// <param name="arn">The key.</param>
    /// <param name="objects">How many objects are known to need it; 0: it is not known yet that none does.</param>
    public static KmsError StillNeeded(string arn, long objects) => new(
        "KMSInvalidStateException",
        objects > 0 ? $"{arn} is kept: {objects} objects need it." : $"{arn} is kept: no complete pass over all objects has shown yet that none needs it.");

    public static KmsError PendingImport(string arn) => new("KMSInvalidStateException", $"{arn} is pending import.");

    public static KmsError WrongOrigin(string arn, KeyOrigin origin) =>
        new("UnsupportedOperationException", $"{arn} origin is {origin.Name()} which is not valid for this operation.");

    public static KmsError NotRotated(string arn, string spec) =>
        new("UnsupportedOperationException", $"{arn} key spec is {spec} which is not valid for this operation: only symmetric encryption keys are rotated.");

    public static KmsError RotationConflict(string arn) => new(
        "ConflictException", $"An automatic rotation of {arn} is in progress or scheduled to begin within the next 20 minutes.");

    public static KmsError NothingToRotateTo(string arn) => new("KMSInvalidStateException", $"No available key material pending rotation for the key: {arn}.");

    public static KmsError InvalidImportToken { get; } = new("InvalidImportTokenException", "The import token is invalid or is associated with a different KMS key.");

    public static KmsError ExpiredImportToken { get; } =
        new("ExpiredImportTokenException", "The import token is expired. Use GetParametersForImport to get a new import token and public key.");

    public static KmsError InvalidWrappedMaterial { get; } = new(
        "InvalidCiphertextException", "The key material could not be decrypted: it was not encrypted with the import token's public key and wrapping algorithm.");

    public static KmsError IncorrectKeyMaterial { get; } = new(
        "IncorrectKeyMaterialException",
        "The key material is not of the size that the key takes, not the material that was imported before, or not new where new material is expected.");

    public static KmsError AnotherMaterialPending(string materialId, string arn, string pendingId) => new(
        "KMSInvalidStateException",
        $"New key material (id: {materialId}) cannot be imported into KMS key {arn}, because another key material (id: {pendingId}) is pending rotation.");

    public static KmsError MaterialNotFound(string materialId, string arn) => new("NotFoundException", $"Key material '{materialId}' is not associated with key '{arn}'");

    public static KmsError NewMaterialWithId { get; } = Validation("You cannot specify a KeyMaterialId with ImportType NEW_KEY_MATERIAL");

    public static KmsError NotOfSymmetricKey(string arn, string spec) => new(
        "UnsupportedOperationException",
        $"{arn} key spec is {spec}: ImportType, KeyMaterialId and KeyMaterialDescription are only for symmetric encryption keys.");

    public static KmsError ValidToMissing { get; } = Validation("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");

    public static KmsError ValidToSuperfluous { get; } = Validation("A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE");

    public static KmsError ValidToPast { get; } = Validation("ValidTo must be in the future");

    public static KmsError ValidToTooFar { get; } = Validation("ValidTo must not be more than 365 days in the future");

    /// <summary>The key is there, but not for this caller. S3 answers 403 AccessDenied with this message.</summary>
    /// <param name="reason">As <see cref="AccessDecision.Reason"/>.</param>
    public static KmsError AccessDenied(string principal, string action, string resource, string reason) =>
        new("AccessDeniedException", $"User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}");

    /// <summary>One answer for a ciphertext that is corrupt, of another key's, or given with another encryption context.</summary>
    public static KmsError InvalidCiphertext { get; } =
        new("InvalidCiphertextException", "The ciphertext is not valid, or the encryption context is not the one that it was encrypted with.");

    public static KmsError CiphertextKeyNotFound { get; } = new(
        "AccessDeniedException", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.");

    public static KmsError IncorrectKey { get; } =
        new("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");

    public static KmsError InvalidKeyUsage(string arn, string usage, string operation) =>
        new("InvalidKeyUsageException", $"{arn} key usage is {usage} which is not valid for {operation}.");

    public static KmsError IncompatibleAlgorithm(string algorithm, string spec) =>
        new("InvalidKeyUsageException", $"Algorithm {algorithm} is incompatible with key spec {spec}.");

    public static KmsError InvalidMac { get; } = new("KMSInvalidMacException", "The MAC is not the one of this message under this key.");

    /// <summary>What a request with DryRun gets that would have succeeded.</summary>
    public static KmsError DryRun { get; } = new("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");

    public static KmsError MalformedPolicy(string message) => new("MalformedPolicyDocumentException", message);

    public static KmsError InvalidPolicyPrincipals { get; } = MalformedPolicy("Policy contains a statement with one or more invalid principals.");

    public static KmsError PolicyLocksOut { get; } = MalformedPolicy("The new key policy will not allow you to update the key policy in the future.");

    public static KmsError PolicyTooLarge(int most) => new("LimitExceededException", $"The key policy is larger than {most} bytes.");

    public static KmsError NoSuchPolicy { get; } = new("NotFoundException", "No such policy exists");

    public static KmsError InvalidPrincipal(string arn) => new("InvalidArnException", $"ARN does not refer to a valid principal: {arn}");

    public static KmsError InvalidGrantToken { get; } =
        new("InvalidGrantTokenException", "The grant token is not valid, or its grant has been retired or revoked.");

    public static KmsError InvalidGrantId { get; } = new("InvalidGrantIdException", "The grant ID is not valid.");

    public static KmsError GrantNotFound(string grantId) => new("NotFoundException", $"Grant '{grantId}' does not exist");

    public static KmsError GrantLimit(string arn, int most) => new("LimitExceededException", $"The key {arn} has {most} grants, which is the limit.");

    public static KmsError UnsuitableGrantOperations(IEnumerable<string> operations, string usage, IEnumerable<string> suitable) => Validation(
        $"Operations [{string.Join(", ", operations)}] are not supported when creating a grant for a symmetric KMS key with key usage {usage}. "
        + $"Valid operations are [{string.Join(", ", suitable)}]");

    public static KmsError UnsuitableGrantConstraint { get; } =
        Validation("EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.");

    public static KmsError RotationLimit(string arn) => new(
        "LimitExceededException",
        $"The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: {arn}");

    public static KmsError AliasExists(string arn) => new("AlreadyExistsException", $"An alias with the name {arn} already exists");

    public static KmsError AliasReserved { get; } = new("NotAuthorizedException", $"Aliases that begin with {KmsAlias.ReservedPrefix} are made by the service only.");

    public static KmsError AliasPrefix { get; } = new(
        "ValidationException", "Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");

    public static KmsError AliasLimit(string arn, int limit) => new("LimitExceededException", $"A key can have {limit} aliases at most, and {arn} has as many.");

    public static KmsError AliasKind { get; } = new(
        "ValidationException", "The current and the new KMS key must be of the same type (both symmetric or both HMAC) and have the same key usage.");

    public static KmsError AliasOfAlias { get; } = new("ValidationException", "Aliases must refer to keys. Not aliases");

    public static KmsError TwoKeySpecs { get; } = new(
        "ValidationException", "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.");

    public static KmsError KeyUsageMissing { get; } =
        new("ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");

    public static KmsError KeyUsageMismatch(string usage, string spec) => new("ValidationException", $"KeyUsage {usage} is not compatible with KeySpec {spec}");

    public static KmsError Tag(string message) => new("TagException", message);

    public static KmsError InvalidMarker { get; } = new("InvalidMarkerException", "The marker is not one that this operation returned.");

    public static KmsError Unsupported(string what) => new("UnsupportedOperationException", $"{what} is not supported.");

    public static KmsError UnsupportedOperation(string operation, string needed) =>
        new("UnsupportedOperationException", $"{operation} is not supported: there are no {needed} here.");

    public static KmsError Validation(string message) => new("ValidationException", message);

    /// <summary>A member of the request breaks its constraint.</summary>
    public static KmsError Constraint(string value, string member, string constraint) => BrokenConstraint($"Value '{value}'", member, constraint);

    /// <summary>A member of the request that is not to be shown breaks its constraint.</summary>
    public static KmsError SecretConstraint(string member, string constraint) => BrokenConstraint("Value", member, constraint);

    /// <summary>A member of the request has characters that its pattern has not.</summary>
    public static KmsError Pattern(string value, string member, string pattern) => Constraint(value, member, PatternConstraint + pattern);

    /// <summary>The same of a member that is not to be shown.</summary>
    public static KmsError SecretPattern(string member, string pattern) => SecretConstraint(member, PatternConstraint + pattern);

    public static KmsError Missing(string member) => BrokenConstraint("Value null", member, "Member must not be null");

    public static KmsError Serialization(string message) => new("SerializationException", message);

    public static KmsError UnknownOperation { get; } = new("UnknownOperationException", "The operation is not one that this service knows.");

    public static KmsError RequestTooLarge { get; } = new("RequestEntityTooLargeException", "The request is too large.", 413);

    public static KmsError MissingAuthentication { get; } = new("MissingAuthenticationTokenException", "Missing Authentication Token");

    public static KmsError WrongScope(string what) => new("InvalidSignatureException", $"Credential should be scoped to a valid {what}.");

    /// <summary>A body that broke off, came too slowly or is too large.</summary>
    public static KmsError OfPayload(AccessError refused) => refused.Code == "EntityTooLarge" ? RequestTooLarge : Serialization(refused.Message);

    public static KmsError AuditUnavailable { get; } = new(
        "DependencyTimeoutException", "The audit trail cannot be written, and without it no key is used or changed. Try again.", 503);

    /// <summary>The root key's provider does not answer or refuses; the log says which.</summary>
    public static KmsError RootKeyUnavailable { get; } = new(
        "DependencyTimeoutException", "The system timed out while trying to fulfill the request. You can retry the request.", 503);

    public static KmsError Internal { get; } = new(
        "KMSInternalException", "The request was rejected because an internal exception occurred. The request can be retried.", 500);

    private static KmsError BrokenConstraint(string value, string member, string constraint) =>
        Validation($"1 validation error detected: {value} at '{member}' failed to satisfy constraint: {constraint}");
}
