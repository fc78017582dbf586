using System.Buffers;

namespace Serverless.Encryption.Tests;

/// <summary>A look into the shared array pool. It hands out first what the same thread gave back last, so a test finds the buffers of the code that it has just run.</summary>
internal static class Pool
{
    public static void HoldsNothingOf(byte[] plaintext, params int[] sizes)
    {
        foreach (int size in sizes)
        {
            byte[][] arrays = [.. Enumerable.Range(0, 4).Select(_ => ArrayPool<byte>.Shared.Rent(size))];
            Assert.All(arrays, array => Assert.Equal(-1, array.AsSpan().IndexOf(plaintext)));
            foreach (byte[] array in arrays)
            {
                ArrayPool<byte>.Shared.Return(array);
            }
        }
    }
}
