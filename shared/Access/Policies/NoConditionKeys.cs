using Microsoft.Extensions.Primitives;

namespace Serverless.Access;

/// <summary>The condition keys of no request: for patterns that are compared while a document is read.</summary>
internal sealed class NoConditionKeys : IConditionKeys
{
    public static readonly NoConditionKeys Instance = new();

    public StringValues? Find(string key) => null;
}
