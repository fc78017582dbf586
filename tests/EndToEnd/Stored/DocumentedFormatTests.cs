using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Clients;
using Serverless.EndToEnd.Service;

namespace Serverless.EndToEnd.Stored;

/// <summary>
/// What is stored is what the format's description says, to the byte: objects under a customer's key are decrypted here by HMAC and AES-GCM alone, without a line
/// of the service's cryptography. References: https://c2sp.org/chunked-encryption (Cobblestone-256); NIST SP 800-108r1 section 4.1; RFC 5869 section 2.3;
/// the layouts above shared/Encryption/KeyWrap.cs and ContentTag.cs.
/// </summary>
[Collection(EncryptionCollection.Name)]
public sealed class DocumentedFormatTests(ServiceFixture service)
{
    private const int Chunk = 16384;
    private const int Tag = 16;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk)]
    [InlineData(100_000)]
    [InlineData(9 * TestData.Mebibyte)]
    public async Task A_stored_object_is_decrypted_by_its_format_alone(int size)
    {
        var bucket = await service.NewBucketAsync();
        var (key, body) = (CustomerKey.New(), TestData.Bytes(size));
        (await service.Https.SendAsync(RawRequest.Put(bucket, "object", body, key.Headers))).MustBe(HttpStatusCode.OK);
        var blob = await StoredBlob.ReadAsync(service, bucket, "object");
        var dataKey = Unwrap(key.Bytes, Convert.FromBase64String(blob.Metadata[StoredBlob.DataKey]), $"arn:aws:s3:::{bucket}/object");

        var content = blob.Content;
        var part = 0;
        if (size > 8 * TestData.Mebibyte)
        {
            // A manifest: HMAC-SHA-256 under a key from the data key, then JSON.
            var tagKey = Derive(dataKey, "serverless-sse content tag v1 HMAC-SHA-256", [], 32);
            Assert.Equal(HMACSHA256.HashData(tagKey, content.AsSpan(32)), content[..32]);
            var manifest = JsonNode.Parse(content.AsSpan(32))!;
            Assert.Equal((string)blob.Description["dataBlob"]!, (string)manifest["dataBlob"]!);
            var only = Assert.Single(manifest["parts"]!.AsArray());
            (part, content) = ((int)only!["number"]!, (await blob.ReadDataAsync(service)).Content);
            Assert.Equal(size, (long)only["length"]!);
        }
        byte[] context = [.. Convert.FromBase64String((string)blob.Description["id"]!), .. BigEndian(part)];
        Assert.Equal(body, Decrypt(dataKey, context, content));
        // The stream's header is in the metadata, too, so that a range is one read.
        Assert.Equal(content[..56], Convert.FromBase64String(blob.Metadata[StoredBlob.InnerStream]));
    }

    [Fact]
    public async Task No_plaintext_is_stored_anywhere_and_no_customers_key()
    {
        var bucket = await service.NewBucketAsync();
        var key = CustomerKey.New();
        var marker = $"plaintext marker {Guid.NewGuid()} ";
        var small = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(marker, 100)));
        var large = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(marker, 9 * TestData.Mebibyte / marker.Length)));
        foreach (var (name, headers) in new (string, (string, string)[])[] { ("s3", []), ("kms", [("x-amz-server-side-encryption", "aws:kms")]), ("dsse", [("x-amz-server-side-encryption", "aws:kms:dsse")]), ("c", key.Headers) })
        {
            (await service.Https.SendAsync(RawRequest.Put(bucket, name, small, headers))).MustBe(HttpStatusCode.OK);
            (await service.Https.SendAsync(RawRequest.Put(bucket, name + "-large", large, headers))).MustBe(HttpStatusCode.OK);
            foreach (var stored in new[] { name, name + "-large" })
            {
                var blob = await StoredBlob.ReadAsync(service, bucket, stored);
                List<byte[]> places = [blob.Content, .. blob.Metadata.Values.Select(Convert.FromBase64String)];
                if (stored != name) places.Add((await blob.ReadDataAsync(service)).Content);
                foreach (var place in places)
                {
                    Assert.Equal(-1, place.AsSpan().IndexOf(Encoding.ASCII.GetBytes(marker)));
                    Assert.Equal(-1, place.AsSpan().IndexOf(key.Bytes));
                    Assert.Equal(-1, place.AsSpan().IndexOf(MD5.HashData(key.Bytes)));
                    Assert.Equal(-1, place.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key.Md5)));
                }
            }
        }
    }

    /// <summary>Format 1: format ‖ id length ‖ key id ‖ version (4) ‖ nonce (16) ‖ commitment (32) ‖ ciphertext ‖ tag (16).</summary>
    private static byte[] Unwrap(byte[] backingKey, byte[] wrapped, string arn)
    {
        Assert.Equal(1, wrapped[0]);
        var header = 2 + wrapped[1] + 4;
        var derived = Derive(backingKey, "serverless-sse key wrap v1 AES-256-GCM", wrapped[header..(header + 16)], 64);
        Assert.Equal(derived[32..], wrapped[(header + 16)..(header + 48)]);
        byte[] name = [.. "aws:s3:arn"u8], value = Encoding.UTF8.GetBytes(arn);
        byte[] context = [.. BigEndian(1), .. BigEndian(name.Length), .. name, .. BigEndian(value.Length), .. value];
        var plaintext = new byte[wrapped.Length - header - 48 - Tag];
        using var gcm = new AesGcm(derived[..32], Tag);
        byte[] authenticated = [.. wrapped[..header], .. context];
        gcm.Decrypt(new byte[12], wrapped[(header + 48)..^Tag], wrapped[^Tag..], plaintext, authenticated);
        return plaintext;
    }

    /// <summary>SP 800-108, counter mode: HMAC-SHA-256 over counter ‖ label ‖ 0 ‖ context ‖ length in bits.</summary>
    private static byte[] Derive(byte[] key, string label, byte[] context, int size)
    {
        List<byte> derived = [];
        for (var i = 1; derived.Count < size; i++)
        {
            byte[] block = [.. BigEndian(i), .. Encoding.ASCII.GetBytes(label), 0, .. context, .. BigEndian(size * 8)];
            derived.AddRange(HMACSHA256.HashData(key, block));
        }
        return [.. derived.Take(size)];
    }

    /// <summary>Salt (24) ‖ commitment (32), then chunks of 16400 bytes, the last shorter.</summary>
    private static byte[] Decrypt(byte[] inputKey, byte[] context, byte[] stored)
    {
        byte[] info = [.. "c2sp.org/chunked-encryption@v1+"u8, .. "AEAD_AES_256_GCM"u8, 0, .. stored[..24], .. context];
        byte[] one = [.. info, 1];
        var first = HMACSHA512.HashData(inputKey, one);
        byte[] two = [.. first, .. info, 2];
        byte[] expanded = [.. first, .. HMACSHA512.HashData(inputKey, two)];
        Assert.Equal(expanded[44..76], stored[24..56]);

        using var gcm = new AesGcm(expanded[..32], Tag);
        var plaintext = new MemoryStream();
        var at = 56;
        for (var number = 0L; ; number++)
        {
            var size = Math.Min(Chunk, stored.Length - at - Tag);
            var nonce = expanded[32..44];
            BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(4), BinaryPrimitives.ReadUInt64BigEndian(nonce.AsSpan(4)) ^ (ulong)number);
            var chunk = new byte[size];
            gcm.Decrypt(nonce, stored.AsSpan(at, size), stored.AsSpan(at + size, Tag), chunk);
            plaintext.Write(chunk);
            at += size + Tag;
            if (size < Chunk) break;
        }
        Assert.Equal(stored.Length, at);
        return plaintext.ToArray();
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
