namespace Serverless.Keys;

/// <summary>Whether imported material expires, as the API names it.</summary>
internal static class ExpirationModels
{
    public const string Expires = "KEY_MATERIAL_EXPIRES";
    public const string DoesNotExpire = "KEY_MATERIAL_DOES_NOT_EXPIRE";
}
