using System.Text.Json.Nodes;

namespace Serverless.Keys.Tests;

/// <summary>A dry run answers what the call would, and does nothing.</summary>
public sealed class DryRunTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;
    private readonly KmsClient _api;
    private string _key = "";
    private string _macKey = "";

    public DryRunTests()
    {
        _instance = _world.NewInstance();
        _api = new KmsClient(_world, _instance);
    }

    [Theory]
    [InlineData("Encrypt", """{"KeyId":"KEY","Plaintext":"AAAA"}""")]
    [InlineData("Decrypt", """{"CiphertextBlob":"CIPHERTEXT"}""")]
    [InlineData("ReEncrypt", """{"CiphertextBlob":"CIPHERTEXT","DestinationKeyId":"KEY"}""")]
    [InlineData("GenerateDataKey", """{"KeyId":"KEY","KeySpec":"AES_256"}""")]
    [InlineData("GenerateDataKeyWithoutPlaintext", """{"KeyId":"KEY","KeySpec":"AES_256"}""")]
    [InlineData("GenerateMac", """{"KeyId":"MACKEY","MacAlgorithm":"HMAC_SHA_256","Message":"AAAA"}""")]
    [InlineData("VerifyMac", """{"KeyId":"MACKEY","MacAlgorithm":"HMAC_SHA_256","Message":"AAAA","Mac":"MAC"}""")]
    public async Task What_would_succeed_says_so_and_gives_nothing(string operation, string members)
    {
        JsonObject request = await RequestAsync(members);
        Assert.Equal(200, (await _api.CallAsync(operation, request)).Status);
        request["DryRun"] = true;
        KmsResponse dry = await _api.CallAsync(operation, request);
        Assert.Equal(
            (400, "DryRunOperationException", "The request would have succeeded, but the DryRun option is set."), (dry.Status, dry.ErrorCode, dry.ErrorMessage));
        Assert.Equal((operation, "DryRunOperationException"), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode));
        request["DryRun"] = false;
        Assert.Equal(200, (await _api.CallAsync(operation, request)).Status);
    }

    [Theory]
    [InlineData("Encrypt", """{"KeyId":"KEY","Plaintext":"AAAA"}""")]
    [InlineData("Decrypt", """{"CiphertextBlob":"CIPHERTEXT"}""")]
    [InlineData("ReEncrypt", """{"CiphertextBlob":"CIPHERTEXT","DestinationKeyId":"KEY"}""")]
    [InlineData("GenerateDataKey", """{"KeyId":"KEY","KeySpec":"AES_256"}""")]
    [InlineData("GenerateMac", """{"KeyId":"MACKEY","MacAlgorithm":"HMAC_SHA_256","Message":"AAAA"}""")]
    public async Task What_would_be_refused_is(string operation, string members)
    {
        JsonObject request = await RequestAsync(members);
        request["DryRun"] = true;
        KmsClient stranger = new(_world, _instance) { Signer = World.User.Principal };
        Assert.Equal("AccessDeniedException", (await stranger.CallAsync(operation, request)).ErrorCode);
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = _key });
        await _api.AnswerAsync("DisableKey", new() { ["KeyId"] = _macKey });
        Assert.Equal("DisabledException", (await _api.CallAsync(operation, request)).ErrorCode);
    }

    [Fact]
    public async Task A_ciphertext_is_opened_or_ignored_as_the_caller_likes()
    {
        JsonObject request = await RequestAsync("""{"KeyId":"KEY","CiphertextBlob":"AAAA","DryRun":true}""");
        Assert.Equal("InvalidCiphertextException", (await _api.CallAsync("Decrypt", request)).ErrorCode);
        request["DryRunModifiers"] = new JsonArray("IGNORE_CIPHERTEXT");
        Assert.Equal("DryRunOperationException", (await _api.CallAsync("Decrypt", request)).ErrorCode);
        request.Remove("CiphertextBlob");
        Assert.Equal("DryRunOperationException", (await _api.CallAsync("Decrypt", request)).ErrorCode);

        request["DryRun"] = false;
        Assert.Equal("DryRunModifiers can only be specified when DryRun is true.", (await _api.CallAsync("Decrypt", request)).ErrorMessage);
        request["DryRun"] = true;
        request.Remove("KeyId");
        Assert.Equal("KeyId is required when the ciphertext is ignored.", (await _api.CallAsync("Decrypt", request)).ErrorMessage);
        request["DryRunModifiers"] = new JsonArray("IGNORE_KEY");
        Assert.Equal("ValidationException", (await _api.CallAsync("Decrypt", request)).ErrorCode);

        JsonObject reEncrypt = await RequestAsync("""{"SourceKeyId":"KEY","DestinationKeyId":"KEY","DryRun":true,"DryRunModifiers":["IGNORE_CIPHERTEXT"]}""");
        Assert.Equal("DryRunOperationException", (await _api.CallAsync("ReEncrypt", reEncrypt)).ErrorCode);
    }

    public void Dispose() => _world.Dispose();

    /// <summary>A request with the names in it replaced by what they stand for.</summary>
    private async Task<JsonObject> RequestAsync(string members)
    {
        _key = await _api.CreateKeyAsync();
        _macKey = await _api.CreateMacKeyAsync("HMAC_256");
        string ciphertext = (string)(await _api.AnswerAsync("Encrypt", new() { ["KeyId"] = _key, ["Plaintext"] = "AAAA" }))!["CiphertextBlob"]!;
        string mac = (string)(await _api.AnswerAsync(
            "GenerateMac", new() { ["KeyId"] = _macKey, ["MacAlgorithm"] = "HMAC_SHA_256", ["Message"] = "AAAA" }))!["Mac"]!;
        return JsonNode.Parse(members
            .Replace("\"CIPHERTEXT\"", $"\"{ciphertext}\"", StringComparison.Ordinal)
            .Replace("\"MACKEY\"", $"\"{_macKey}\"", StringComparison.Ordinal)
            .Replace("\"KEY\"", $"\"{_key}\"", StringComparison.Ordinal)
            .Replace("\"MAC\"", $"\"{mac}\"", StringComparison.Ordinal))!.AsObject();
    }
}
