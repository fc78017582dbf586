using Serverless.Access;

namespace Serverless.Keys.Tests;

/// <summary>What is refused before an operation looks at a key.</summary>
public sealed class ProtocolTests : IDisposable
{
    private readonly World _world = new();
    private readonly IServiceProvider _instance;

    public ProtocolTests() => _instance = _world.NewInstance();

    private KmsClient Api => new(_world, _instance);

    [Theory]
    [InlineData("TrentService.Encipher")]
    [InlineData("TrentService.createkey")]
    [InlineData("TrentService.")]
    [InlineData("CreateKey")]
    public async Task An_operation_that_is_not_here_is_unknown(string target)
    {
        KmsResponse response = await Api.SendAsync(target, "{}");
        Assert.Equal((400, "UnknownOperationException"), (response.Status, response.ErrorCode));
        Assert.NotEmpty(response.ErrorMessage!);
    }

    [Theory]
    [InlineData("Sign", "Sign is not supported: there are no asymmetric keys here.")]
    [InlineData("GetPublicKey", "GetPublicKey is not supported: there are no asymmetric keys here.")]
    [InlineData("ReplicateKey", "ReplicateKey is not supported: there are no multi-Region keys here.")]
    [InlineData("CreateCustomKeyStore", "CreateCustomKeyStore is not supported: there are no custom key stores here.")]
    public async Task An_operation_of_KMS_that_is_not_here_says_what_it_would_take(string operation, string message)
    {
        KmsResponse response = await Api.CallAsync(operation);
        Assert.Equal((400, "UnsupportedOperationException", message), (response.Status, response.ErrorCode, response.ErrorMessage));
        Assert.Equal("MissingAuthenticationTokenException", (await new KmsClient(_world, _instance) { Signer = null }.CallAsync(operation)).ErrorCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"KeyId":1}""")]
    [InlineData("""{"KeyId":"a","KeyId":"b"}""")]
    [InlineData("""{"KeyId":"\ud800"}""")]
    public async Task A_body_of_another_shape_is_no_request(string body) =>
        Assert.Equal("SerializationException", (await Api.SendAsync("TrentService.DescribeKey", body)).ErrorCode);

    [Theory]
    [InlineData("""{"KeyId":"a","Plaintext":"?"}""")]
    [InlineData("""{"KeyId":"a","Plaintext":"AAAA","EncryptionContext":[]}""")]
    [InlineData("""{"KeyId":"a","Plaintext":"AAAA","EncryptionContext":{"a":1}}""")]
    [InlineData("""{"KeyId":"a","Plaintext":"AAAA","EncryptionContext":{"a":"b","a":"c"}}""")]
    [InlineData("""{"KeyId":"a","Plaintext":"AAAA","EncryptionContext":{"\ud800":"c"}}""")]
    [InlineData("""{"KeyId":"a","Plaintext":"AAAA","EncryptionContext":{"c":"\udc00"}}""")]
    public async Task A_member_of_another_shape_is_no_request(string body) =>
        Assert.Equal("SerializationException", (await Api.SendAsync("TrentService.Encrypt", body)).ErrorCode);

    [Fact]
    public async Task A_number_that_is_not_whole_is_no_request() =>
        Assert.Equal("SerializationException", (await Api.SendAsync("TrentService.ListKeys", """{"Limit":1.5}""")).ErrorCode);

    [Theory]
    [InlineData("{}", "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"KeyId":null}""", "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null")]
    [InlineData("""{"KeyId":""}""", "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1")]
    public async Task A_key_must_be_named(string body, string message)
    {
        KmsResponse response = await Api.SendAsync("TrentService.DescribeKey", body);
        Assert.Equal(("ValidationException", message), (response.ErrorCode, response.ErrorMessage));
    }

    [Fact]
    public async Task A_request_of_more_than_224_KiB_is_too_large() =>
        Assert.Equal(413, (await Api.SendAsync("TrentService.CreateKey", $$"""{"Description":"{{new string('d', 229_376)}}"}""")).Status);

    [Fact]
    public async Task An_unsigned_request_is_refused_and_not_recorded()
    {
        KmsResponse response = await new KmsClient(_world, _instance) { Signer = null }.CallAsync("CreateKey");
        Assert.Equal((400, "MissingAuthenticationTokenException", "Missing Authentication Token"), (response.Status, response.ErrorCode, response.ErrorMessage));
        Assert.Empty(_world.Trail.Events);
    }

    [Theory]
    [InlineData("CreateKey")]
    [InlineData("ListKeys")]
    [InlineData("ListAliases")]
    public async Task Whoever_is_not_the_root_principal_is_refused_and_recorded(string operation)
    {
        KmsResponse response = await new KmsClient(_world, _instance) { Signer = World.User.Principal }.CallAsync(operation);
        Assert.Equal("AccessDeniedException", response.ErrorCode);
        Assert.Equal((operation, "AccessDeniedException", World.User.Principal), (_world.Trail.Last.EventName, _world.Trail.Last.ErrorCode, _world.Trail.Last.Caller.Principal));
    }

    [Fact]
    public async Task A_signature_for_another_service_or_for_no_Region_does_not_count()
    {
        Assert.Equal("InvalidSignatureException", (await new KmsClient(_world, _instance) { Service = "sts" }.CallAsync("ListKeys")).ErrorCode);
        Assert.Equal("InvalidSignatureException", (await new KmsClient(_world, _instance) { Region = "Us#East" }.CallAsync("ListKeys")).ErrorCode);
    }

    [Fact]
    public async Task Keys_are_of_the_Region_that_the_request_is_signed_for()
    {
        string id = await Api.CreateKeyAsync();
        var elsewhere = new KmsClient(_world, _instance) { Region = "us-east-1" };
        Assert.Empty((await elsewhere.AnswerAsync("ListKeys"))!["Keys"]!.AsArray());
        Assert.Equal($"Key 'arn:aws:kms:us-east-1:111111111111:key/{id}' does not exist", (await elsewhere.CallAsync("DescribeKey", new() { ["KeyId"] = id })).ErrorMessage);
    }

    [Fact]
    public async Task A_store_that_fails_is_an_internal_error_and_tells_nothing()
    {
        _world.KmsStore.Before = _ => throw new IOException("connection string is …");
        KmsResponse response = await Api.CallAsync("ListKeys");
        Assert.Equal((500, "KMSInternalException", KmsErrors.Internal.Message), (response.Status, response.ErrorCode, response.ErrorMessage));
    }

    [Theory]
    [InlineData("EntityTooLarge", "RequestEntityTooLargeException", 413)]
    [InlineData("IncompleteBody", "SerializationException", 400)]
    public void A_body_that_does_not_arrive_is_told_in_the_APIs_words(string accessCode, string code, int status)
    {
        KmsError error = KmsErrors.OfPayload(new AccessError(accessCode, 400, "why"));
        Assert.Equal((code, status), (error.Code, error.Status));
    }

    public void Dispose() => _world.Dispose();
}
