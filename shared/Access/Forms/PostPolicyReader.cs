using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Access;

/// <summary>Reads a form's policy: base64 of a JSON object with an <c>expiration</c> and a list of <c>conditions</c>.</summary>
internal static class PostPolicyReader
{
    private const string CustomerKey = "customer-key";

    private static readonly string[] ExpirationFormats = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    /// <exception cref="AccessException">InvalidPolicyDocument.</exception>
    public static (DateTimeOffset Expiration, IReadOnlyList<PostCondition> Conditions) Read(string encoded)
    {
        var json = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, json, out var size))
        {
            throw Invalid("invalid Base64 encoding.");
        }
        try
        {
            using var document = JsonDocument.Parse(json.AsMemory(0, size), new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        // The latter for text that is not Unicode.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new AccessException(FormErrors.InvalidJson);
        }
    }

    private static (DateTimeOffset Expiration, IReadOnlyList<PostCondition> Conditions) Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new AccessException(FormErrors.InvalidJson);
        }
        JsonElement? expiration = null, conditions = null;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "expiration":
                    expiration = member.Value;
                    break;
                case "conditions":
                    conditions = member.Value;
                    break;
                default:
                    throw Invalid($"Unexpected: '{member.Name.ToLowerInvariant()}'");
            }
        }
        var expires = ReadExpiration(expiration ?? throw Invalid("Policy missing expiration."));
        if (conditions is not { } list)
        {
            throw Invalid("Policy missing conditions.");
        }
        return list.ValueKind == JsonValueKind.Array
            ? (expires, [.. list.EnumerateArray().Select(ReadCondition)])
            : throw Invalid("Invalid 'conditions' value: must be a List.");
    }

    private static DateTimeOffset ReadExpiration(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return DateTimeOffset.TryParseExact(
            text, ExpirationFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var expiration)
            ? expiration
            : throw Invalid($"Invalid 'expiration' value: '{text}'");
    }

    private static PostCondition ReadCondition(JsonElement condition) => condition.ValueKind switch
    {
        JsonValueKind.Object => ReadSimple([.. condition.EnumerateObject()]),
        JsonValueKind.Array => ReadOperation([.. condition.EnumerateArray()]),
        _ => throw Invalid("Invalid condition test: must be a List or Object."),
    };

    private static PostCondition ReadSimple(JsonProperty[] properties)
    {
        if (properties is not [var property])
        {
            throw new AccessException(FormErrors.NotOneProperty);
        }
        return property.Value.ValueKind switch
        {
            JsonValueKind.String => OnField("eq", "$" + property.Name, property.Value.GetString()!, isPrefix: false),
            JsonValueKind.Null => throw new AccessException(FormErrors.InvalidJson),
            _ => throw new AccessException(FormErrors.NotAString),
        };
    }

    private static PostCondition ReadOperation(JsonElement[] parts)
    {
        if (parts is not [{ ValueKind: JsonValueKind.String } first, ..])
        {
            throw new AccessException(FormErrors.NoOperation);
        }
        var operation = first.GetString()!;
        var (isRange, isPrefix) = (Is(operation, "content-length-range"), Is(operation, "starts-with"));
        if (!isRange && !isPrefix && !Is(operation, "eq"))
        {
            throw Invalid($"Invalid Condition: unknown operation '{operation}'.");
        }
        if (parts is not [_, var left, var right])
        {
            throw Invalid($"Invalid {operation}: wrong number of arguments.");
        }
        return isRange ? OnLength(operation, left, right) : OnField(operation, TextOf(left), TextOf(right), isPrefix);
    }

    private static PostCondition OnField(string operation, string field, string value, bool isPrefix)
    {
        // A key is shown to nobody, also not to whoever has sent it.
        var shown = field.Contains(CustomerKey, StringComparison.OrdinalIgnoreCase) ? "..." : value;
        var text = $"[{Quoted(operation)}, {Quoted(field)}, {Quoted(shown)}]";
        return field.StartsWith('$') ? new PostCondition.OnField(text, field[1..], value, isPrefix) : new PostCondition.Never(text);
    }

    private static PostCondition OnLength(string operation, JsonElement least, JsonElement most)
    {
        var text = $"[{Quoted(operation)}, {least.GetRawText()}, {most.GetRawText()}]";
        return LengthOf(least) is { } from && LengthOf(most) is { } to ? new PostCondition.OnLength(text, from, to) : new PostCondition.Never(text);
    }

    /// <summary>A number of bytes, which may be written as text; null for text that is no such number.</summary>
    private static long? LengthOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) => number,
        JsonValueKind.String => long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        _ => throw new AccessException(FormErrors.InvalidJson),
    };

    private static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new AccessException(FormErrors.InvalidJson);

    private static bool Is(string operation, string name) => operation.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static AccessException Invalid(string detail) => new(FormErrors.InvalidPolicy(detail));
}
