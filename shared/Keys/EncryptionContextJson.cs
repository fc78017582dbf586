using System.Text.Json.Nodes;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>An encryption context as audit records show it. It is not secret.</summary>
public static class EncryptionContextJson
{
    public static JsonObject ToJson(this EncryptionContext context)
    {
        var json = new JsonObject();
        foreach ((string key, string value) in context.Pairs)
        {
            json[key] = value;
        }

        return json;
    }
}
