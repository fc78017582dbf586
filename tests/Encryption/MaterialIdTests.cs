using System.Security.Cryptography;

namespace Serverless.Encryption.Tests;

public class MaterialIdTests
{
    [Fact]
    public void An_id_is_the_materials_and_the_keys_alone()
    {
        byte[] material = RandomNumberGenerator.GetBytes(32);
        byte[] other = [.. material];
        other[31] ^= 1;
        string id = MaterialId.Of(material, "eu-central-1/a");
        Assert.Matches("^[0-9a-f]{64}$", id);
        Assert.Equal(id, MaterialId.Of([.. material], "eu-central-1/a"));
        Assert.NotEqual(id, MaterialId.Of(material, "eu-central-1/b"));
        Assert.NotEqual(id, MaterialId.Of(other, "eu-central-1/a"));
    }

    /// <summary>RFC 5869's HKDF computed by hand: extract, then one block of expand.</summary>
    [Fact]
    public void An_id_is_HKDF_of_the_material_and_can_be_computed_by_anybody_who_has_it()
    {
        byte[] material = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] prk = HMACSHA256.HashData("serverless-sse key material id v1 HKDF-SHA-256"u8, material);
        byte[] block = HMACSHA256.HashData(prk, (byte[])[.. "us-east-1/k"u8, 1]);
        Assert.Equal(Convert.ToHexStringLower(block), MaterialId.Of(material, "us-east-1/k"));
    }
}
