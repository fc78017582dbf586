using System.Security.Cryptography;
using System.Text;
using CsCheck;

namespace Serverless.Encryption.Tests;

public class KeyWrapTests
{
    private const string KeyId = "master";
    private const uint KeyVersion = 0x01020304;

    private static readonly byte[] BackingKey = Message.InputKey;
    private static readonly byte[] DataKey = Message.Plaintext(32);
    private static readonly EncryptionContext Context = EncryptionContext.Empty.With("aws:s3:arn", "arn:aws:s3:::bucket/key");

    private readonly byte[] _wrapped = KeyWrap.Wrap(BackingKey, KeyId, KeyVersion, Context, DataKey);

    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(4096)]
    public void What_is_wrapped_unwraps(int size)
    {
        byte[] plaintext = Message.Plaintext(size), unwrapped = new byte[size];
        byte[] wrapped = KeyWrap.Wrap(BackingKey, KeyId, KeyVersion, Context, plaintext);
        Assert.True(KeyWrap.TryUnwrap(BackingKey, wrapped, Context, unwrapped));
        Assert.Equal(plaintext, unwrapped);
    }

    [Fact]
    public void The_layout_is_the_documented_one()
    {
        byte[] header = [1, 6, .. "master"u8, 1, 2, 3, 4];
        Assert.Equal(header, _wrapped[..12]);
        Assert.Equal(12 + 16 + 32 + 32 + 16, _wrapped.Length);
        byte[] nonce = _wrapped[12..28], commitment = _wrapped[28..60], ciphertext = _wrapped[60..92], tag = _wrapped[92..];

        // SP 800-108 in counter mode, two blocks: HMAC(backing key, [i] || label || 0x00 || nonce || [512 bits]).
        byte[] label = Encoding.ASCII.GetBytes("serverless-sse key wrap v1 AES-256-GCM");
        byte[] first = [0, 0, 0, 1, .. label, 0, .. nonce, 0, 0, 2, 0], second = [0, 0, 0, 2, .. label, 0, .. nonce, 0, 0, 2, 0];
        using var aead = new AesGcm(HMACSHA256.HashData(BackingKey, first), 16);
        Assert.Equal(HMACSHA256.HashData(BackingKey, second), commitment);

        byte[] unwrapped = new byte[32], associatedData = [.. header, .. Context.ToCanonical()];
        aead.Decrypt(new byte[12], ciphertext, tag, unwrapped, associatedData);
        Assert.Equal(DataKey, unwrapped);
    }

    [Fact]
    public void Wrapping_twice_gives_nothing_in_common()
    {
        byte[] again = KeyWrap.Wrap(BackingKey, KeyId, KeyVersion, Context, DataKey);
        Assert.NotEqual(_wrapped[12..28], again[12..28]);
        Assert.NotEqual(_wrapped[28..60], again[28..60]);
        Assert.NotEqual(_wrapped[60..92], again[60..92]);
    }

    [Fact]
    public void Any_flipped_bit_is_refused()
    {
        for (int bit = 0; bit < _wrapped.Length * 8; bit++)
        {
            byte[] altered = [.. _wrapped];
            altered[bit / 8] ^= (byte)(1 << (bit % 8));
            Refused(BackingKey, altered, Context);
        }
    }

    [Fact]
    public void Any_truncation_or_extension_is_refused()
    {
        for (int length = 0; length < _wrapped.Length; length++)
        {
            Refused(BackingKey, _wrapped[..length], Context);
        }

        Refused(BackingKey, [.. _wrapped, 0], Context);
    }

    [Fact]
    public void Another_key_or_context_is_refused()
    {
        Refused(new byte[32], _wrapped, Context);
        Refused(BackingKey, _wrapped, EncryptionContext.Empty);
        Refused(BackingKey, _wrapped, Context.With("more", ""));
        Refused(BackingKey, _wrapped, EncryptionContext.Empty.With("aws:s3:arn", "arn:aws:s3:::bucket/key2"));
    }

    [Theory]
    [InlineData(SecretKey.MinSize - 1, false, false)]
    [InlineData(SecretKey.MinSize, false, true)]
    [InlineData(SecretKey.Size, true, true)]
    [InlineData(SecretKey.MaxSize, false, true)]
    [InlineData(SecretKey.MaxSize + 1, false, false)]
    public void Only_what_has_the_size_of_a_key_unwraps_as_one(int size, bool encrypts, bool isKey)
    {
        byte[] plaintext = RandomNumberGenerator.GetBytes(size);
        byte[] wrapped = KeyWrap.Wrap(BackingKey, KeyId, KeyVersion, Context, plaintext);

        using SecretKey? encrypting = KeyWrap.TryUnwrapKey(BackingKey, wrapped, Context);
        using SecretKey? any = KeyWrap.TryUnwrapKey(BackingKey, wrapped, Context, size: null);
        Assert.Equal(encrypts ? plaintext : null, encrypting?.Bytes.ToArray());
        Assert.Equal(isKey ? plaintext : null, any?.Bytes.ToArray());
        Assert.Null(KeyWrap.TryUnwrapKey(BackingKey, wrapped, EncryptionContext.Empty, size: null));
    }

    [Fact]
    public void The_commitment_alone_refuses_a_blob_made_to_open_under_two_keys()
    {
        // The GCM part is right for another backing key; the commitment still is the first key's.
        byte[] otherKey = Message.Plaintext(33)[1..];
        byte[] other = KeyWrap.Wrap(otherKey, KeyId, KeyVersion, Context, DataKey);
        byte[] forged = [.. other[..28], .. _wrapped[28..60], .. other[60..]];
        Refused(otherKey, forged, Context);
        Refused(BackingKey, forged, Context);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void A_buffer_of_another_size_is_refused(int size)
    {
        byte[] plaintext = new byte[size];
        plaintext.AsSpan().Fill(0xAA);
        Assert.False(KeyWrap.TryUnwrap(BackingKey, _wrapped, Context, plaintext));
        Assert.All(plaintext, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData("", 0u)]
    [InlineData("aws/s3", 7u)]
    [InlineData("arn:aws:kms:us-east-1:000000000000:key/é😀", uint.MaxValue)]
    public void The_header_says_which_key_it_was(string keyId, uint keyVersion)
    {
        byte[] wrapped = KeyWrap.Wrap(BackingKey, keyId, keyVersion, Context, DataKey);
        Assert.True(KeyWrap.TryReadHeader(wrapped, out WrapHeader header));
        Assert.Equal(new WrapHeader(keyId, keyVersion, 32), header);
    }

    [Fact]
    public void A_key_id_has_up_to_255_bytes_of_UTF_8()
    {
        string longest = new string('é', 127) + "a";
        Assert.True(KeyWrap.TryReadHeader(KeyWrap.Wrap(BackingKey, longest, 0, Context, DataKey), out WrapHeader header));
        Assert.Equal(longest, header.KeyId);
        Assert.Throws<ArgumentException>(() => KeyWrap.Wrap(BackingKey, longest + "a", 0, Context, DataKey));
        Assert.ThrowsAny<ArgumentException>(() => KeyWrap.Wrap(BackingKey, "\uD800", 0, Context, DataKey));
    }

    [Fact]
    public void No_bytes_whatever_make_header_reading_or_unwrapping_throw()
    {
        // Random bytes, and bytes that get past the format version.
        Gen.Select(Gen.Byte.Array[0, 400], Gen.Bool).Sample((bytes, versioned) =>
        {
            if (versioned && bytes.Length > 0)
            {
                bytes[0] = 1;
            }

            bool read = KeyWrap.TryReadHeader(bytes, out WrapHeader header);
            return (read || header == default) && !KeyWrap.TryUnwrap(BackingKey, bytes, Context, new byte[header.PlaintextLength]);
        });
    }

    [Fact]
    public void A_header_out_of_format_is_refused()
    {
        Assert.False(KeyWrap.TryReadHeader([], out _));
        Assert.False(KeyWrap.TryReadHeader([2, .. _wrapped[1..]], out _));
        Assert.False(KeyWrap.TryReadHeader([1, 6, 0xFF, .. _wrapped[3..]], out _));
        Assert.False(KeyWrap.TryReadHeader(_wrapped.AsSpan(0, 12 + 64), out _));
        Assert.True(KeyWrap.TryReadHeader(_wrapped.AsSpan(0, 12 + 65), out _));
        Assert.True(KeyWrap.TryReadHeader([.. _wrapped[..12], .. new byte[64 + 4096]], out _));
        Assert.False(KeyWrap.TryReadHeader([.. _wrapped[..12], .. new byte[64 + 4097]], out _));
    }

    [Fact]
    public void Wrong_sizes_are_misuse()
    {
        Assert.Throws<ArgumentException>(() => KeyWrap.Wrap(new byte[31], KeyId, 1, Context, DataKey));
        Assert.Throws<ArgumentException>(() => KeyWrap.Wrap(BackingKey, KeyId, 1, Context, []));
        Assert.Throws<ArgumentException>(() => KeyWrap.Wrap(BackingKey, KeyId, 1, Context, new byte[KeyWrap.MaxPlaintextSize + 1]));
        Assert.Throws<ArgumentException>(() => KeyWrap.TryUnwrap(new byte[33], _wrapped, Context, new byte[32]));
    }

    private static void Refused(byte[] backingKey, byte[] wrapped, EncryptionContext context)
    {
        byte[] plaintext = new byte[32];
        plaintext.AsSpan().Fill(0xAA);
        Assert.False(KeyWrap.TryUnwrap(backingKey, wrapped, context, plaintext));
        Assert.All(plaintext, value => Assert.Equal(0, value));
    }
}
