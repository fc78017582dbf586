using System.Text;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Clients;

/// <summary>
/// A browser's upload form, and the policy that lets it in, as AWS's descriptions have them (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html):
/// it shares no line with the service.
/// </summary>
internal sealed record BrowserForm(string Bucket)
{
    public const string Boundary = "----WebKitFormBoundaryBrowserFormOfTheTests";

    public string Key { get; init; } = "foo.txt";

    /// <summary>The fields beside the key and the signature's, which the policy allows as they are unless they are uncovered.</summary>
    public (string Name, string Value)[] Fields { get; init; } = [];

    /// <summary>Conditions beside those that allow the fields.</summary>
    public string[] Conditions { get; init; } = [];

    /// <summary>Fields that no condition is made for, or <c>bucket</c>.</summary>
    public string[] Uncovered { get; init; } = [];

    public byte[] File { get; init; } = "bar"u8.ToArray();

    /// <summary>The file's name; null for none.</summary>
    public string? FileName { get; init; } = "file.txt";

    /// <summary>Fields behind the file.</summary>
    public (string Name, string Value)[] After { get; init; } = [];

    public bool Anonymous { get; init; }

    public DateTimeOffset Expiration { get; init; } = DateTimeOffset.UtcNow.AddMinutes(5);

    public SigV4 Signer { get; init; } = new(TestAccount.AccessKeyId, TestAccount.SecretAccessKey, TestAccount.Region, "s3", DateTimeOffset.UtcNow);

    /// <summary>Changes the policy's document before it is signed.</summary>
    public Func<string, string>? Policy { get; init; }

    /// <summary>Changes the fields, all of them, when they are signed.</summary>
    public Func<IReadOnlyList<(string Name, string Value)>, IEnumerable<(string Name, string Value)>>? Tamper { get; init; }

    public IReadOnlyList<(string Name, string Value)> SignedFields()
    {
        List<(string Name, string Value)> fields = [("key", Key), .. Fields];
        if (Anonymous) return fields;
        fields.AddRange([("x-amz-algorithm", "AWS4-HMAC-SHA256"), ("x-amz-credential", Signer.Credential), ("x-amz-date", Signer.Timestamp)]);
        var conditions = new JsonArray();
        foreach (var (name, value) in fields.Prepend(("bucket", Bucket)))
        {
            if (!Uncovered.Contains(name)) conditions.Add(name == "key" && value.Contains('$', StringComparison.Ordinal)
                ? new JsonArray("starts-with", "$key", value[..value.IndexOf('$', StringComparison.Ordinal)]) : new JsonObject { [name] = value });
        }
        foreach (var condition in Conditions) conditions.Add(JsonNode.Parse(condition));
        var document = new JsonObject { ["expiration"] = Expiration.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture), ["conditions"] = conditions }.ToJsonString();
        var policy = Convert.ToBase64String(Encoding.UTF8.GetBytes(Policy?.Invoke(document) ?? document));
        return [.. fields, ("policy", policy), ("x-amz-signature", Signer.SignPolicy(policy))];
    }

    public byte[] Write()
    {
        using var body = new MemoryStream();
        var fields = SignedFields();
        foreach (var (name, value) in Tamper?.Invoke(fields) ?? fields) WritePart(body, $"name=\"{name}\"", Encoding.UTF8.GetBytes(value));
        WritePart(body, "name=\"file\"" + (FileName is null ? "" : $"; filename=\"{FileName}\"\r\nContent-Type: image/png"), File);
        foreach (var (name, value) in After) WritePart(body, $"name=\"{name}\"", Encoding.UTF8.GetBytes(value));
        body.Write(Encoding.UTF8.GetBytes($"--{Boundary}--\r\n"));
        return body.ToArray();
    }

    public RawRequest ToRequest() => Request(Bucket, Write());

    public static RawRequest Request(string bucket, byte[] body, string contentType = $"multipart/form-data; boundary={Boundary}") =>
        new("POST", "/" + bucket) { Anonymous = true, Body = body, UnsignedHeaders = [("Content-Type", contentType)] };

    private static void WritePart(MemoryStream body, string parameters, byte[] value)
    {
        body.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; {parameters}\r\n\r\n"));
        body.Write(value);
        body.Write("\r\n"u8);
    }
}
