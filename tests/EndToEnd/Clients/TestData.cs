namespace Serverless.EndToEnd.Clients;

/// <summary>Bodies for tests: they do not compress, do not repeat, and are the same for the same seed.</summary>
internal static class TestData
{
    public const int Mebibyte = 1 << 20;

    public static byte[] Bytes(int size, int seed = 1)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
