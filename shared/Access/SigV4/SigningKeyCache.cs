using System.Security.Cryptography;

namespace Serverless.Access;

/// <summary>
/// One secret's derived keys by credential scope (date, Region, service), since deriving one costs four HMACs and a client uses the same one all day.
/// </summary>
internal sealed class SigningKeyCache(int capacity) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, byte[]> keys = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>Copies the key, so that an eviction meanwhile wipes nothing in use.</summary>
    public bool TryCopy(CredentialScope scope, Span<byte> key)
    {
        lock (gate)
        {
            if (!keys.TryGetValue(scope.Text, out var cached))
            {
                return false;
            }
            cached.CopyTo(key);
            return true;
        }
    }

    /// <summary>Keeps a copy of the key; the oldest one goes, wiped, when there are too many.</summary>
    public void Add(CredentialScope scope, ReadOnlySpan<byte> key)
    {
        lock (gate)
        {
            if (keys.ContainsKey(scope.Text))
            {
                return;
            }
            if (keys.Count == capacity && keys.Remove(order.Dequeue(), out var oldest))
            {
                CryptographicOperations.ZeroMemory(oldest);
            }
            // Pinned: the collector must not leave copies of a key behind.
            var copy = GC.AllocateUninitializedArray<byte>(SigV4.KeySize, pinned: true);
            key.CopyTo(copy);
            keys.Add(scope.Text, copy);
            order.Enqueue(scope.Text);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var key in keys.Values)
            {
                CryptographicOperations.ZeroMemory(key);
            }
            keys.Clear();
            order.Clear();
        }
    }
}
