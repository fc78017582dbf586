using System.Globalization;
using System.Text.Json;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>A request's JSON, read member by member. What is not of the API's shape is refused in its words, with the member's name in lower camel case.</summary>
internal readonly struct KmsRequest(JsonElement members)
{
    /// <summary>The longest name of a key, in characters.</summary>
    public const int MaxKeyIdLength = 2048;

    /// <summary>The longest grant token, in characters.</summary>
    public const int MaxGrantTokenLength = 8192;

    private const int MaxGrantTokens = 10;

    /// <summary>Reads a body.</summary>
    /// <exception cref="KmsException">It is not a JSON object whose members have each their own name.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        JsonDocument? document = null;
        try
        {
            // Looking for duplicates decodes every name, which fails for one that is not well-formed Unicode.
            document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }

        if (document is { RootElement.ValueKind: JsonValueKind.Object })
        {
            return document;
        }

        document?.Dispose();
        throw new KmsException(KmsErrors.Serialization("The request is not a JSON object."));
    }

    /// <summary>The member <c>KeyId</c>, which must be there.</summary>
    public string KeyId => RequiredText("KeyId", MaxKeyIdLength);

    /// <summary>The member <c>KeyId</c>, or null.</summary>
    public string? OptionalKeyId => Text("KeyId", MaxKeyIdLength, minLength: 1);

    public string RequiredText(string name, int maxLength) => Text(name, maxLength, minLength: 1) ?? throw new KmsException(KmsErrors.Missing(Camel(name)));

    public string? Text(string name, int maxLength, int minLength = 0)
    {
        if (Find(name, JsonValueKind.String) is not { } element)
        {
            return null;
        }

        string text = Decode(element);
        CheckLength(text, Camel(name), minLength, maxLength);
        return text;
    }

    /// <summary>A text that is one of a set, or null.</summary>
    public string? Choice(string name, IReadOnlyCollection<string> set) =>
        Text(name, int.MaxValue) is not { } text ? null
        : set.Contains(text) ? text
        : throw new KmsException(KmsErrors.Constraint(text, Camel(name), $"Member must satisfy enum value set: [{string.Join(", ", set)}]"));

    public int? Integer(string name, int least, int most)
    {
        if (Find(name, JsonValueKind.Number) is not { } element)
        {
            return null;
        }

        if (!element.TryGetInt64(out long value))
        {
            throw WrongType(name);
        }

        string shown = value.ToString(CultureInfo.InvariantCulture);
        return value < least ? throw new KmsException(KmsErrors.Constraint(shown, Camel(name), $"Member must have value greater than or equal to {least}"))
            : value > most ? throw new KmsException(KmsErrors.Constraint(shown, Camel(name), $"Member must have value less than or equal to {most}"))
            : (int)value;
    }

    /// <summary>A flag, or null.</summary>
    public bool? Flag(string name) => !members.TryGetProperty(name, out JsonElement element) ? null : element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => throw WrongType(name),
    };

    /// <summary>A time, given in seconds since 1970 with decimals, to the millisecond; or null.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Find(name, JsonValueKind.Number) is not { } element)
        {
            return null;
        }

        return element.TryGetDouble(out double seconds) && seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000))
            : throw WrongType(name);
    }

    /// <summary>The texts of a list, or null.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        if (Find(name, JsonValueKind.Array) is not { } list)
        {
            return null;
        }

        var texts = new List<string>(list.GetArrayLength());
        foreach (JsonElement item in list.EnumerateArray())
        {
            texts.Add(item.ValueKind == JsonValueKind.String ? Decode(item) : throw WrongType(name));
        }

        return texts;
    }

    /// <summary>The member <c>GrantTokens</c>, none when it is not there.</summary>
    public IReadOnlyList<string> GrantTokens()
    {
        IReadOnlyList<string> tokens = Texts("GrantTokens") ?? [];
        return tokens.Count > MaxGrantTokens ? throw new KmsException(KmsErrors.SecretConstraint("grantTokens", $"Member must have length less than or equal to {MaxGrantTokens}"))
            : tokens.Any(token => token.Length is 0 or > MaxGrantTokenLength) ? throw new KmsException(KmsErrors.InvalidGrantToken)
            : tokens;
    }

    /// <summary>The members of an object, or null.</summary>
    public KmsRequest? Members(string name) => Find(name, JsonValueKind.Object) is { } element ? new KmsRequest(element) : null;

    /// <summary>Bytes, given in base64; never shown in an error. The array is the caller's, to be cleared where it is secret.</summary>
    public byte[] Blob(string name, int maxLength)
    {
        JsonElement element = Find(name, JsonValueKind.String) ?? throw new KmsException(KmsErrors.Missing(Camel(name)));
        if (!element.TryGetBytesFromBase64(out byte[]? bytes))
        {
            throw WrongType(name);
        }

        return bytes.Length == 0 ? throw new KmsException(KmsErrors.SecretConstraint(Camel(name), "Member must have length greater than or equal to 1"))
            : bytes.Length > maxLength ? throw new KmsException(KmsErrors.SecretConstraint(Camel(name), $"Member must have length less than or equal to {maxLength}"))
            : bytes;
    }

    /// <summary>A map of strings, empty when it is not there.</summary>
    public EncryptionContext EncryptionContext(string name = "EncryptionContext")
    {
        if (Find(name, JsonValueKind.Object) is not { } element)
        {
            return Encryption.EncryptionContext.Empty;
        }

        var pairs = new List<KeyValuePair<string, string>>();
        foreach (JsonProperty pair in element.EnumerateObject())
        {
            pairs.Add(new(pair.Name, pair.Value.ValueKind == JsonValueKind.String ? Decode(pair.Value) : throw WrongType(name)));
        }

        return Encryption.EncryptionContext.Of(pairs);
    }

    /// <summary>The elements of a list of objects, or null.</summary>
    public IEnumerable<KmsRequest>? List(string name) =>
        Find(name, JsonValueKind.Array)?.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Object ? new KmsRequest(item) : throw WrongType(name));

    /// <summary>Refuses members that ask for what this service does not have, rather than ignoring them; <c>false</c> asks for nothing.</summary>
    public void Refuse(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (members.TryGetProperty(name, out JsonElement element) && element.ValueKind is not (JsonValueKind.Null or JsonValueKind.False))
            {
                throw new KmsException(KmsErrors.Unsupported(name));
            }
        }
    }

    /// <summary>Checks a text's length, in characters.</summary>
    public static void CheckLength(string text, string member, int least, int most)
    {
        if (text.Length < least)
        {
            throw new KmsException(KmsErrors.Constraint(text, member, $"Member must have length greater than or equal to {least}"));
        }

        if (text.Length > most)
        {
            throw new KmsException(KmsErrors.Constraint(text, member, $"Member must have length less than or equal to {most}"));
        }
    }

    /// <summary>A member's name as errors and audit records show it.</summary>
    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private JsonElement? Find(string name, JsonValueKind kind) =>
        !members.TryGetProperty(name, out JsonElement element) || element.ValueKind == JsonValueKind.Null ? null
        : element.ValueKind == kind ? element
        : throw WrongType(name);

    // A lone surrogate is valid JSON, but no text.
    private static string Decode(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new KmsException(KmsErrors.Serialization("A string is not well-formed Unicode."));
        }
    }

    private static KmsException WrongType(string name) => new(KmsErrors.Serialization($"{name} is not of the type that the operation takes."));
}
